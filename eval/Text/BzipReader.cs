namespace AgentKit.Eval.Text;

/// <summary>
/// Unpacks bzip2, the form in which some data sets are published: Huffman codes, move-to-front, Burrows–Wheeler, run lengths.
/// </summary>
internal sealed class BzipReader
{
    private const ulong BlockMark = 0x314159265359;
    private const ulong EndMark = 0x177245385090;
    private const int GroupSize = 50;
    private const int MostBits = 20;

    private readonly byte[] _packed;
    private readonly MemoryStream _plain = new();
    private long _bit;

    private BzipReader(byte[] packed) => _packed = packed;

    /// <exception cref="InvalidDataException">The data is not bzip2, or damaged.</exception>
    public static byte[] Unpack(byte[] packed)
    {
        var reader = new BzipReader(packed);
        try
        {
            do reader.ReadStream();
            while (reader._bit / 8 < packed.Length);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException)
        {
            throw new InvalidDataException("The bzip2 data ends early or is damaged.", e);
        }

        return reader._plain.ToArray();
    }

    private void ReadStream()
    {
        if (Bits(24) != 0x425A68) throw new InvalidDataException("The data does not begin as bzip2.");
        int level = (int)Bits(8) - '0';
        if (level is < 1 or > 9) throw new InvalidDataException("The bzip2 block size is none.");
        uint combined = 0;
        while (true)
        {
            ulong mark = (Bits(24) << 24) | Bits(24);
            uint expected = (uint)Bits(32);
            if (mark == EndMark)
            {
                if (expected != combined) throw new InvalidDataException("The bzip2 checksum is wrong.");
                _bit = (_bit + 7) / 8 * 8;
                return;
            }

            if (mark != BlockMark) throw new InvalidDataException("A bzip2 block does not begin as one.");
            uint found = ReadBlock(level * 100_000);
            if (found != expected) throw new InvalidDataException("A bzip2 block has a wrong checksum.");
            combined = ((combined << 1) | (combined >> 31)) ^ found;
        }
    }

    private uint ReadBlock(int most)
    {
        if (Bits(1) != 0) throw new InvalidDataException("Randomized bzip2 blocks are not supported.");
        int origin = (int)Bits(24);
        byte[] alphabet = ReadAlphabet();
        int groups = (int)Bits(3);
        byte[] selectors = ReadSelectors(groups);
        var codes = new Codes[groups];
        for (int i = 0; i < groups; i++) codes[i] = ReadCodes(alphabet.Length + 2);
        byte[] last = ReadSymbols(alphabet, selectors, codes, most);
        if (origin >= last.Length) throw new InvalidDataException("A bzip2 block points outside of itself.");
        return Write(last, origin);
    }

    private byte[] ReadAlphabet()
    {
        ulong used = Bits(16);
        List<byte> alphabet = [];
        for (int high = 0; high < 16; high++)
        {
            if ((used >> (15 - high) & 1) == 0) continue;
            ulong row = Bits(16);
            for (int low = 0; low < 16; low++)
            {
                if ((row >> (15 - low) & 1) != 0) alphabet.Add((byte)(high * 16 + low));
            }
        }

        return [.. alphabet];
    }

    private byte[] ReadSelectors(int groups)
    {
        byte[] selectors = new byte[Bits(15)];
        List<byte> order = [.. Enumerable.Range(0, groups).Select(i => (byte)i)];
        for (int i = 0; i < selectors.Length; i++)
        {
            int at = 0;
            while (Bits(1) != 0) at++;
            if (at >= groups) throw new InvalidDataException("A bzip2 block names a table it does not have.");
            byte selected = order[at];
            order.RemoveAt(at);
            order.Insert(0, selected);
            selectors[i] = selected;
        }

        return selectors;
    }

    private Codes ReadCodes(int symbols)
    {
        int[] lengths = new int[symbols];
        int length = (int)Bits(5);
        for (int i = 0; i < symbols; i++)
        {
            while (Bits(1) != 0) length += Bits(1) == 0 ? 1 : -1;
            if (length is < 1 or > MostBits) throw new InvalidDataException("A bzip2 code is too long.");
            lengths[i] = length;
        }

        return new(lengths);
    }

    private byte[] ReadSymbols(byte[] alphabet, byte[] selectors, Codes[] codes, int most)
    {
        List<byte> front = [.. alphabet];
        byte[] last = new byte[most];
        int count = 0, run = 0, power = 1, end = alphabet.Length + 1;
        for (int read = 0; ; read++)
        {
            int symbol = Read(codes[selectors[read / GroupSize]]);
            if (symbol <= 1)
            {
                run += power << symbol;
                power <<= 1;
                continue;
            }

            last.AsSpan(count, run).Fill(front[0]);
            count += run;
            (run, power) = (0, 1);
            if (symbol == end) return last[..count];
            byte value = front[symbol - 1];
            front.RemoveAt(symbol - 1);
            front.Insert(0, value);
            last[count++] = value;
        }
    }

    private int Read(Codes codes)
    {
        int code = 0;
        for (int length = 1; length <= MostBits; length++)
        {
            code = (code << 1) | (int)Bits(1);
            if (codes.Symbol(code, length) is { } symbol) return symbol;
        }

        throw new InvalidDataException("A bzip2 code is none.");
    }

    /// <summary>Undoes the Burrows–Wheeler transform and the run lengths before it; returns the block's checksum.</summary>
    private uint Write(byte[] last, int origin)
    {
        int[] starts = new int[257];
        foreach (byte value in last) starts[value + 1]++;
        for (int i = 1; i < starts.Length; i++) starts[i] += starts[i - 1];
        int[] next = new int[last.Length];
        for (int i = 0; i < last.Length; i++) next[starts[last[i]]++] = i;
        uint checksum = uint.MaxValue;
        int at = next[origin], same = 0, previous = -1;
        for (int i = 0; i < last.Length; i++, at = next[at])
        {
            byte value = last[at];
            int copies = same == 4 ? value : 1;
            byte written = same == 4 ? (byte)previous : value;
            for (int copy = 0; copy < copies; copy++)
            {
                _plain.WriteByte(written);
                checksum = (checksum << 8) ^ Table[(checksum >> 24) ^ written];
            }

            same = same == 4 ? 0 : value == previous ? same + 1 : 1;
            previous = same == 0 ? -1 : value;
        }

        return ~checksum;
    }

    private ulong Bits(int count)
    {
        ulong value = 0;
        for (; count > 0; count--, _bit++) value = (value << 1) | (uint)(_packed[_bit >> 3] >> (7 - (int)(_bit & 7)) & 1);
        return value;
    }

    private static uint[] Table { get; } = [.. Enumerable.Range(0, 256).Select(i =>
    {
        uint value = (uint)i << 24;
        for (int bit = 0; bit < 8; bit++) value = (value & 0x80000000) != 0 ? (value << 1) ^ 0x04C11DB7 : value << 1;
        return value;
    })];

    /// <summary>A canonical Huffman code: symbols of one length are numbered on from the shorter ones.</summary>
    private sealed class Codes
    {
        private readonly int[] _first = new int[MostBits + 1];
        private readonly int[][] _symbols = new int[MostBits + 1][];

        public Codes(int[] lengths)
        {
            int code = 0;
            for (int length = 1; length <= MostBits; length++)
            {
                _symbols[length] = [.. Enumerable.Range(0, lengths.Length).Where(symbol => lengths[symbol] == length)];
                _first[length] = code;
                code = (code + _symbols[length].Length) << 1;
            }
        }

        public int? Symbol(int code, int length)
        {
            int at = code - _first[length];
            return at >= 0 && at < _symbols[length].Length ? _symbols[length][at] : null;
        }
    }
}
