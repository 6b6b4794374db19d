// Users and groups by name and number, without name services.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Testing

@Suite("UserIdentity")
struct UserIdentityTests {
    private let passwd = """
        root:x:0:0:root:/root:/bin/bash
        broken:x
        odd:x:abc:1::/:
        wellspring:x:997:996::/nonexistent:/usr/sbin/nologin
        1000:x:5:6::/:
        other:x:1000:1000::/:
        """

    private let groups = """
        root:x:0:
        broken:x
        odd:x:abc:
        wellspring:x:996:alice,bob
        12:x:34:
        """

    @Test("a user is found by name, by number, or taken as a pair of numbers")
    func known() {
        let wellspring = UserIdentity(userID: 997, groupID: 996, userName: "wellspring")
        #expect(UserIdentity("wellspring", passwd: passwd) == wellspring)
        #expect(UserIdentity("997", passwd: passwd) == wellspring)
        #expect(UserIdentity("12:34", passwd: "") == UserIdentity(userID: 12, groupID: 34))
    }

    @Test("a name that looks like a number goes before the number")
    func numericName() {
        #expect(UserIdentity("1000", passwd: passwd)?.userID == 5)
    }

    @Test(
        "what is not there or damaged is not found",
        arguments: ["nobody", "broken", "odd", "", "12", "12:x", "-1:5", "1:2:3", "4294967296:0"]
    )
    func unknown(name: String) {
        #expect(UserIdentity(name, passwd: passwd) == nil)
    }

    @Test(
        "a group is found by name, else taken as a number",
        arguments: [("wellspring", 996), ("root", 0), ("12", 34), ("77", 77)] as [(String, UInt32)]
    )
    func group(name: String, number: UInt32) {
        #expect(UserIdentity.groupID(name, groups: groups) == number)
    }

    @Test(
        "a group that is not there or damaged is not found",
        arguments: ["nogroup", "broken", "odd", "", "-1", "12:34", "4294967296"]
    )
    func unknownGroup(name: String) {
        #expect(UserIdentity.groupID(name, groups: groups) == nil)
    }

    @Test("it is described by its name, else by its number")
    func description() {
        let named = UserIdentity(userID: 7, groupID: 8, userName: "seven")
        #expect(named.description == "seven")
        #expect(UserIdentity(userID: 7, groupID: 8).description == "7")
    }

    @Test("of several names the first that this system has is taken")
    func first() {
        let root = UserIdentity.first(of: ["no-such-user-here", "root"])
        #expect(root == UserIdentity(userID: 0, groupID: 0, userName: "root"))
        #expect(UserIdentity.first(of: ["no-such-user-here"]) == nil)
        #expect(UserIdentity.userID(named: "root") == 0)
        #expect(UserIdentity.userID(named: "4000000000") == 4_000_000_000)
        #expect(UserIdentity.groupID(named: "root") == 0)
    }

    @Test("the current user is that of this process")
    func current() {
        #expect(UserIdentity.current.userID == geteuid())
        #expect(UserIdentity.current.groupID == getegid())
    }
}
