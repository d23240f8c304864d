namespace AgentKit.Eval.Tasks;

/// <summary>
/// Python's <c>random.Random</c>, the Mersenne Twister (Matsumoto and Nishimura 1998): the published harness draws its examples with it,
/// and other examples would be another prompt.
/// </summary>
internal sealed class PythonRandom
{
    private const int Size = 624;
    private const int Middle = 397;

    private readonly uint[] _state = new uint[Size];
    private int _at = Size;

    public PythonRandom(uint seed)
    {
        _state[0] = 19650218;
        for (int i = 1; i < Size; i++) _state[i] = 1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30)) + (uint)i;
        int at = 1;
        for (int k = 0; k < Size; k++)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1664525)) + seed;
            at = Advance(at);
        }

        for (int k = 0; k < Size - 1; k++)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1566083941)) - (uint)at;
            at = Advance(at);
        }

        _state[0] = 0x80000000;
    }

    /// <summary><c>random.sample(range(population), count)</c>.</summary>
    public int[] Sample(int population, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, population);
        int[] result = new int[count];
        int setSize = 21;
        if (count > 5) setSize += (int)Math.Pow(4, Math.Ceiling(Math.Log(count * 3, 4)));
        if (population <= setSize)
        {
            int[] pool = [.. Enumerable.Range(0, population)];
            for (int i = 0; i < count; i++)
            {
                int at = Below(population - i);
                result[i] = pool[at];
                pool[at] = pool[population - i - 1];
            }

            return result;
        }

        HashSet<int> selected = [];
        for (int i = 0; i < count; i++)
        {
            int at = Below(population);
            while (!selected.Add(at)) at = Below(population);
            result[i] = at;
        }

        return result;
    }

    private int Below(int limit)
    {
        int bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)limit);
        uint value = Next() >> (32 - bits);
        while (value >= limit) value = Next() >> (32 - bits);
        return (int)value;
    }

    private uint Next()
    {
        if (_at >= Size) Refill();
        uint value = _state[_at++];
        value ^= value >> 11;
        value ^= (value << 7) & 0x9d2c5680;
        value ^= (value << 15) & 0xefc60000;
        return value ^ (value >> 18);
    }

    private void Refill()
    {
        for (int i = 0; i < Size; i++)
        {
            uint mixed = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7fffffff);
            _state[i] = _state[(i + Middle) % Size] ^ (mixed >> 1) ^ ((mixed & 1) != 0 ? 0x9908b0df : 0);
        }

        _at = 0;
    }

    private int Advance(int at)
    {
        if (++at < Size) return at;
        _state[0] = _state[Size - 1];
        return 1;
    }
}
