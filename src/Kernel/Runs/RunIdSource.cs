using System.Globalization;
using System.Security.Cryptography;

namespace AgentKit.Kernel.Runs;

/// <summary>Makes run ids such as <c>20261105-142530-k3f9x2</c>: the UTC second, so that ids sort by age, and 30 random bits.</summary>
public sealed class RunIdSource
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <summary>Makes a source.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Seed of the random part; <c>null</c> takes one from the operating system.</param>
    public RunIdSource(TimeProvider time, int? seed = null)
    {
        _time = time;
        _random = new Random(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
    }

    /// <summary>A new id. Safe for concurrent use.</summary>
    public string Next()
    {
        string second = _time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        lock (_random) return $"{second}-{_random.GetString(Alphabet, 6)}";
    }
}
