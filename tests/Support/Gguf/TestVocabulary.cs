using System.Text;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>
/// A byte-level byte-pair vocabulary of any size: the 256 bytes, then merges of letters (letter pairs, letters after a space, and pairs of
/// pairs in seeded order), then the special tokens. Every merge is usable: both its parts are tokens.
/// </summary>
public sealed class TestVocabulary
{
    public const string EndOfText = "<|endoftext|>", ImStart = "<|im_start|>", ImEnd = "<|im_end|>";

    private const int Normal = 1, Control = 3, UserDefined = 4;

    private static readonly (string Text, int Type)[] Special =
    [
        (EndOfText, Control), (ImStart, Control), (ImEnd, Control), ("<tool_call>", UserDefined), ("</tool_call>", UserDefined),
        ("<tool_response>", UserDefined), ("</tool_response>", UserDefined),
    ];

    private TestVocabulary(List<string> tokens, List<string> merges)
    {
        Merges = merges;
        FirstSpecial = tokens.Count;
        Tokens = [.. tokens, .. Special.Select(s => s.Text)];
        Types = [.. tokens.Select(_ => Normal), .. Special.Select(s => s.Type)];
    }

    public IReadOnlyList<string> Tokens { get; }

    public int[] Types { get; }

    public IReadOnlyList<string> Merges { get; }

    /// <summary>Number of the first special token.</summary>
    public int FirstSpecial { get; }

    public uint IdOf(string special) => (uint)(FirstSpecial + Array.FindIndex(Special, s => s.Text == special));

    public static TestVocabulary Create(int size, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 300);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 400_000);
        var tokens = Enumerable.Range(0, 256).Select(b => ByteSymbol((byte)b).ToString()).ToList();
        var merges = new List<string>();
        foreach (var (left, right) in Pairs(seed).Take(size - 256 - Special.Length))
        {
            merges.Add($"{left} {right}");
            tokens.Add(left + right);
        }
        return new TestVocabulary(tokens, merges);
    }

    /// <summary>The printable character that stands for a byte in byte-level vocabularies: itself where printable, else U+0100 onwards.</summary>
    public static char ByteSymbol(byte value)
    {
        static bool Printable(int b) => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
        return Printable(value) ? (char)value : (char)(0x100 + Enumerable.Range(0, value).Count(b => !Printable(b)));
    }

    private static IEnumerable<(string Left, string Right)> Pairs(int seed)
    {
        const string letters = "etaoinshrdlucmfwypvbgkjqxz";
        string space = ByteSymbol((byte)' ').ToString();
        foreach (char a in letters) yield return (space, a.ToString());
        var pairs = (from a in letters from b in letters select (Left: a.ToString(), Right: b.ToString())).ToArray();
        foreach (var pair in pairs) yield return pair;
        foreach (var (a, b) in pairs) yield return (space + a, b);
        var fours = Enumerable.Range(0, pairs.Length * pairs.Length).ToArray();
        new Random(seed).Shuffle(fours);
        foreach (int n in fours)
        {
            var (first, second) = (pairs[n / pairs.Length], pairs[n % pairs.Length]);
            yield return (first.Left + first.Right, second.Left + second.Right);
        }
    }

    /// <summary>The bytes a normal token stands for.</summary>
    public static byte[] BytesOf(string token)
    {
        var bySymbol = Enumerable.Range(0, 256).ToDictionary(b => ByteSymbol((byte)b), b => (byte)b);
        return token.All(bySymbol.ContainsKey) ? [.. token.Select(c => bySymbol[c])] : Encoding.UTF8.GetBytes(token);
    }
}
