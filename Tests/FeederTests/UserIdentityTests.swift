// Users by name and number, without name services.
// SPDX-License-Identifier: Apache-2.0

import Feeder
import Testing

@Suite struct UserIdentityTests {
    private let passwd = """
        root:x:0:0:root:/root:/bin/bash
        broken:x
        odd:x:abc:1::/:
        wellspring:x:997:996::/nonexistent:/usr/sbin/nologin
        """

    @Test("a name is looked up, numbers are taken as they are")
    func known() {
        #expect(UserIdentity("wellspring", passwd: passwd) == UserIdentity(uid: 997, gid: 996))
        #expect(UserIdentity("12:34", passwd: "") == UserIdentity(uid: 12, gid: 34))
    }

    @Test(
        "what is not there or damaged is not found",
        arguments: ["nobody", "broken", "odd", "", "12", "12:x", "-1:5", "1:2:3"]
    )
    func unknown(name: String) {
        #expect(UserIdentity(name, passwd: passwd) == nil)
    }
}
