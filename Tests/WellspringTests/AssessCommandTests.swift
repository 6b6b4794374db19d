// `wellspring assess`: inputs of every kind, what it says about them, and that it leaves nothing half done.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite struct AssessCommandTests {
        /// Bytes of a linear congruential generator, from a seed: enough like noise to be assessed.
        private func samples(_ count: Int, bits: Int = 8) -> [UInt8] {
            var state: UInt64 = 7
            return (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33) & UInt8(1 << bits - 1)
            }
        }

        private func recording(_ place: Workplace, _ name: String = "samples") throws -> String {
            let path = place.file(name)
            let outcome = try place.run(["capture", "jitter", "-n", "3000", "-o", path])
            try #require(outcome.status == 0, "\(outcome.errors)")
            return path
        }

        @Test("a recording is assessed with all that its sidecar says")
        func assesses() throws {
            let place = Workplace()
            let path = try recording(place)
            let outcome = try place.run(["assess", path])
            #expect(outcome.status == 0, "\(outcome.errors)")
            for words in [
                "Assessment of jitter", "supports at most", "3,000 samples are fewer",
                "most common value", "LZ78Y", "from the recording's sidecar", "certifies nothing",
                "SHA-256",
            ] {
                #expect(outcome.text.contains(words), "\(words) is missing")
            }
        }

        @Test("JSON and HTML hold the same result, and the HTML appears whole")
        func outputs() throws {
            let place = Workplace()
            let path = try recording(place)
            let report = place.file("report.html")
            let outcome = try place.run(["assess", path, "--json", "--html", report])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let json = try #require(
                JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any]
            )
            #expect(json["format"] as? String == "wellspring-assessment-1")
            let sample = try #require((json["samples"] as? [[String: Any]])?.first)
            let assessment = try #require(sample["nonIID"] as? [String: Any])
            let minEntropy = try #require(assessment["assessedMinEntropy"] as? Double)
            #expect(minEntropy > 0 && minEntropy < 8)
            let html = String(decoding: bytesOfFile(report), as: UTF8.self)
            #expect(html.hasPrefix("<!DOCTYPE html>"))
            #expect(html.contains("</html>"))
            let digest = try #require(
                (sample["provenance"] as? [String: Any])?["sha256"] as? String
            )
            #expect(html.contains(digest))
            #expect(place.contents == ["report.html", "samples", "samples.json"])
        }

        @Test(
            "input that cannot be assessed is told in words, with the right status",
            arguments: [
                ([UInt8](), 1, "no symbols"), ([9], 2, "no entropy"), ([9, 9, 9], 2, "no entropy"),
                ([255, 1], 1, "8 bits, but the width given is 4"),
            ] as [([UInt8], Int32, String)]
        )
        func unusable(bytes: [UInt8], status: Int32, words: String) throws {
            let place = Workplace()
            writeFile(place.file("samples"), bytes)
            let arguments = ["assess", place.file("samples")]
            let outcome = try place.run(bytes.count == 2 ? arguments + ["--bits", "4"] : arguments)
            #expect(outcome.status == status)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.errors.contains(place.file("samples")))
            #expect(outcome.bytes.isEmpty)
        }

        @Test("short and strange samples have an answer for every estimator", arguments: 1...20)
        func short(count: Int) throws {
            let place = Workplace()
            for bits in [1, 3, 8] {
                writeFile(place.file("samples"), [0, 1] + samples(count, bits: bits))
                let outcome = try place.run(["assess", place.file("samples"), "--json"])
                #expect(outcome.status == 0 || outcome.status == 2, "\(outcome.errors)")
                // How the JSON writes what is not a number.
                #expect(!outcome.text.contains("\"undefined\""))
                #expect(outcome.text.contains("notApplicable"))
            }
        }

        @Test("a directory, a missing file and a huge sparse one are refused at once")
        func places() throws {
            let place = Workplace()
            #expect(try place.run(["assess", place.path]).errors.contains("is a directory"))
            let missing = try place.run(["assess", place.file("missing")])
            #expect(missing.status == 74)
            #expect(missing.errors.contains("No such file"))
            writeFile(place.file("sparse"), [])
            #expect(truncate(place.file("sparse"), 20 << 30) == 0)
            let sparse = try place.run(["assess", place.file("sparse")], limit: .seconds(5))
            #expect(sparse.status == 1)
            #expect(sparse.errors.contains("--take"))
            // A part of it is zeros.
            let part = try place.run(["assess", place.file("sparse"), "--take", "5000"])
            #expect(part.status == 2)
        }

        @Test("a pipe that ends early is assessed as far as it went, and says so")
        func pipe() throws {
            let place = Workplace()
            mkfifo(place.file("fifo"), 0o600)
            let process = try place.start(["assess", place.file("fifo"), "--take", "5000"])
            writeFile(place.file("fifo"), samples(2000))
            #expect(process.finish() == 0)
            let text = String(decoding: process.output, as: UTF8.self)
            #expect(text.contains("ended after 2000 samples"))
        }

        @Test("a wait for a pipe that nobody writes to can be interrupted")
        func silentPipe() throws {
            let place = Workplace()
            mkfifo(place.file("fifo"), 0o600)
            let process = try place.start(["assess", place.file("fifo")])
            #expect(
                waitUntil {
                    let folder = "/proc/\(process.id)/fd"
                    return namesIn(folder).contains { name in
                        (try? FileManager.default.destinationOfSymbolicLink(
                            atPath: "\(folder)/\(name)"
                        )) == place.file("fifo")
                    }
                }
            )
            process.signal(SIGINT)
            #expect(process.finish() == 128 + SIGINT)
        }

        @Test("a file that becomes shorter while it is read is an error")
        func shrinking() throws {
            let place = Workplace()
            let path = place.file("samples")
            writeFile(path, [])
            // So large that reading and hashing it takes a while.
            #expect(truncate(path, 134_000_000) == 0)
            let process = try place.start(["assess", path])
            let position = "/proc/\(process.id)/fdinfo"
            let isReading = waitUntil {
                namesIn(position).contains { name in
                    let text = String(decoding: bytesOfFile("\(position)/\(name)"), as: UTF8.self)
                    let offset = text.split(separator: "\n").first?.split(separator: "\t").last
                    return offset.flatMap { Int($0) }.map { $0 >= 1 << 18 } == true
                }
            }
            #expect(isReading)
            #expect(truncate(path, 1000) == 0)
            #expect(process.finish() == 1)
            let errors = String(decoding: process.errors, as: UTF8.self)
            #expect(errors.contains("became shorter"), "\(errors)")
        }

        @Test("an interrupted assessment leaves nothing", arguments: [SIGINT, SIGTERM])
        func interrupted(number: Int32) throws {
            let place = Workplace()
            writeFile(place.file("samples"), samples(1_000_000))
            let process = try place.start([
                "assess", place.file("samples"), "--html", place.file("report.html"), "--json",
            ])
            let isComputing = waitUntil {
                namesIn("/proc/\(process.id)/task").count > 1
            }
            #expect(isComputing)
            process.signal(number)
            #expect(process.finish() == 128 + number)
            #expect(process.output.isEmpty)
            #expect(place.contents == ["samples"])
        }

        @Test("a recording that was changed after it was made is refused")
        func changed() throws {
            let place = Workplace()
            let path = try recording(place)
            var bytes = bytesOfFile(path)
            bytes[0] ^= 1
            writeFile(path, bytes)
            let outcome = try place.run(["assess", path])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("not the recording"))
            // A part of it is not what the sidecar's digest is of.
            #expect(try place.run(["assess", path, "--take", "2000"]).status == 0)
        }

        @Test("a claim above what was found is refused, one below is supported")
        func claims() throws {
            let place = Workplace()
            let path = try recording(place)
            let high = try place.run(["assess", path, "--claim", "7.5"])
            #expect(high.status == 2)
            #expect(high.text.contains("is not supported"))
            let low = try place.run(["assess", path, "--claim", "0.1"])
            #expect(low.status == 0)
            #expect(low.text.contains("supports the claim of 0.10 bit"))
        }

        @Test("a profile needs enough samples, restart data, a sidecar and raw noise")
        func profiles() throws {
            let place = Workplace()
            let path = try recording(place)
            let words = ["--save-profile", "--profiles", place.file("profiles")]
            let bare = try place.run(["assess", path] + words)
            #expect(bare.status == 1)
            #expect(bare.errors.contains("no restart data"))
            let anonymous = place.file("anonymous")
            writeFile(anonymous, samples(2000))
            let unknown = try place.run(["assess", anonymous] + words)
            #expect(unknown.errors.contains("nobody recorded"))
            let conditioned = try place.run(
                ["assess", "--source", "kernel", "-n", "2000", "--no-restarts"] + words
            )
            #expect(conditioned.status == 1)
            #expect(conditioned.errors.contains("conditioned"))
            #expect(access(place.file("profiles"), F_OK) != 0)
        }

        @Test("two recordings stand side by side, and a collapse is named")
        func comparison() throws {
            let place = Workplace()
            let path = try recording(place)
            let poor = place.file("poor")
            writeFile(poor, (0..<3000).map { UInt8($0 % 7 == 0 ? 1 : 0) })
            let outcome = try place.run(["assess", "--compare", path, poor])
            #expect(outcome.text.contains("Side by side"))
            #expect(outcome.text.contains("loses its entropy"))
            #expect(outcome.status == 2)
            let json = try place.run(["assess", "--compare", path, poor, "--json"])
            #expect(json.text.contains("\"comparison\""))
            #expect(try place.run(["assess", "--compare", path]).status == 64)
        }

        @Test("digits are samples of one bit, and anything else is an error with its place")
        func ascii() throws {
            let place = Workplace()
            let text = samples(3000, bits: 1).map { $0 == 0 ? "0" : "1" }.joined()
            let path = place.write(text + "\n", to: "digits")
            let outcome = try place.run(["assess", path, "--ascii"])
            #expect(outcome.text.contains("3,000"))
            let wrong = place.write("0101x", to: "wrong")
            let refused = try place.run(["assess", wrong, "--ascii"])
            #expect(refused.status == 1)
            #expect(refused.errors.contains(wrong))
        }

        @Test(
            "a wrong command line ends with 64",
            arguments: [
                ["assess"], ["assess", "x", "--source", "jitter"], ["assess", "x", "--bits", "9"],
                ["assess", "x", "--suite", "diehard"], ["assess", "x", "--reference", "mine"],
                ["assess", "x", "--take", "0"], ["assess", "-", "-"],
                ["assess", "--restart", "x"], ["cutoffs", "-H", "0"], ["cutoffs", "-H", "9"],
                ["cutoffs", "-H", "1", "--alpha", "2"], ["cutoffs", "-H", "1", "--window", "1"],
                [
                    "conditioning", "--input-bits", "8", "--output-bits", "8", "--input-entropy",
                    "9",
                ],
            ]
        )
        func commandLine(arguments: [String]) throws {
            let outcome = try Workplace().run(arguments)
            #expect(outcome.status == 64, "\(outcome.errors)")
        }

        @Test("restarts are recorded row by row, and only a full matrix is tested")
        func restarts() throws {
            let place = Workplace()
            let path = place.file("restarts")
            let outcome = try place.run([
                "capture", "jitter", "--restarts", "20", "-n", "50", "-o", path,
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(bytesOfFile(path).count == 1000)
            let refused = try place.run(["assess", "--restart", path, "--claim", "0.5"])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("1,000 samples after each of 1,000 restarts"))
        }
    }
}
