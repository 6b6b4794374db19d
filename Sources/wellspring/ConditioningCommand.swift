// `wellspring conditioning`: the entropy that a conditioning component's output keeps.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Assessment

struct ConditioningCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conditioning",
        abstract: "Compute the output entropy of a conditioning component.",
        discussion: """
            Output_Entropy of SP 800-90B, section 3.1.5.1.2, for vetted components (HMAC, CMAC, CBC-MAC, \
            hashes of the SHA families, and the derivation functions of SP 800-90A). For any other, \
            --estimate-per-bit is the estimate of its output by `wellspring assess`, and the result is \
            min(h_out, 0.999 n_out, h' n_out) (section 3.1.5.2).

              wellspring conditioning --input-bits 1024 --output-bits 512 --input-entropy 576
            """
    )

    @Option(help: "Bits of input for one output (n_in).")
    var inputBits: Int

    @Option(help: "Bits of output (n_out).")
    var outputBits: Int

    @Option(help: "Narrowest internal width in bits (nw; default: n_out).")
    var narrowestBits: Int?

    @Option(help: "Min-entropy of the input in bits (h_in).")
    var inputEntropy: Double

    @Option(help: "Not vetted: estimate of the output per bit (h'), more than 0 and at most 1.")
    var estimatePerBit: Double?

    func validate() throws {
        if let estimatePerBit, !(estimatePerBit > 0 && estimatePerBit <= 1) {
            throw ValidationError("--estimate-per-bit is more than 0 and at most 1.")
        }
        _ = try component()
    }

    func run() throws {
        let component = try self.component()
        let vetted = component.vettedOutput
        var lines = [
            "n_in = \(inputBits), n_out = \(outputBits), nw = \(component.narrowestBits), "
                + "h_in = \(inputEntropy)",
            "h_out (vetted) = \(vetted.bits) bit"
                + (vetted.bits > 0
                    ? ", \(vetted.bound) x (1 - 2^\(fixed(vetted.relativeLossLog2, 2)))" : ""),
        ]
        if let estimatePerBit {
            lines.append(
                "h_out (not vetted) = \(component.unvettedOutput(estimatePerBit: estimatePerBit)) bit"
            )
        } else {
            lines.append(
                vetted.hasFullEntropyInput
                    ? "full entropy: h_in is at least n_out + 64"
                    : "not full entropy: h_in is below n_out + 64"
            )
        }
        Terminal.print(lines.joined(separator: "\n"))
    }

    private func component() throws -> ConditioningComponent {
        guard
            let component = ConditioningComponent(
                inputBits: inputBits,
                outputBits: outputBits,
                narrowestBits: narrowestBits ?? outputBits,
                inputEntropy: inputEntropy
            )
        else {
            throw ValidationError(
                "The widths are 1 to \(ConditioningComponent.widest) bits, and the input holds at most "
                    + "--input-bits of entropy."
            )
        }
        return component
    }
}
