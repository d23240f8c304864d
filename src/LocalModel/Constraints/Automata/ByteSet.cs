namespace AgentKit.Models.Constraints.Automata;

/// <summary>A set of byte values.</summary>
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    internal ByteSet With(byte value)
    {
        var bit = 1UL << (value & 63);
        return (value >> 6) switch
        {
            0 => this with { A = A | bit },
            1 => this with { B = B | bit },
            2 => this with { C = C | bit },
            _ => this with { D = D | bit },
        };
    }

    internal ByteSet Union(ByteSet other) => new(A | other.A, B | other.B, C | other.C, D | other.D);

    internal bool Contains(ByteSet other) => ((other.A & ~A) | (other.B & ~B) | (other.C & ~C) | (other.D & ~D)) == 0;
}
