using AgentKit.Models.Gguf;

namespace AgentKit.Training.Tokenization;

/// <summary>A byte-level vocabulary: the 256 bytes, what was merged from them in order, then the special tokens.</summary>
public sealed class BpeVocabulary
{
    private const int Normal = 1, Control = 3;

    private readonly IReadOnlyList<(int Left, int Right)> _merges;
    private readonly List<string> _texts;

    internal BpeVocabulary(IReadOnlyList<(int Left, int Right)> merges, IReadOnlyList<string> special)
    {
        (_merges, Special) = (merges, special);
        _texts = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(value => Symbol((byte)value).ToString())];
        foreach ((int left, int right) in merges) _texts.Add(_texts[left] + _texts[right]);
        _texts.AddRange(special);
    }

    /// <summary>All tokens.</summary>
    public int Count => _texts.Count;

    /// <summary>The tokens at the end that text is never cut into.</summary>
    public IReadOnlyList<string> Special { get; }

    /// <summary>The pairs of tokens that became one, in order; the first became token 256.</summary>
    internal IReadOnlyList<(int Left, int Right)> Merges => _merges;

    /// <summary>Writes the vocabulary into a model's metadata, as llama.cpp reads it.</summary>
    /// <param name="writer">The file.</param>
    public void AddTo(GgufWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int[] types = [.. Enumerable.Repeat(Normal, Count - Special.Count), .. Enumerable.Repeat(Control, Special.Count)];
        writer.Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", WordSplitter.Name)
            .Set("tokenizer.ggml.tokens", GgufValue.Array(_texts))
            .Set("tokenizer.ggml.token_type", GgufValue.Array(types))
            .Set("tokenizer.ggml.merges", GgufValue.Array([.. _merges.Select(merge => $"{_texts[merge.Left]} {_texts[merge.Right]}")]))
            .Set("tokenizer.ggml.add_bos_token", false);
        if (Special.Count == 0) return;
        var first = (uint)(Count - Special.Count);
        foreach (string role in (string[])["bos", "eos", "padding"]) writer.Set($"tokenizer.ggml.{role}_token_id", first);
        int turn = Special.ToList().IndexOf("<|im_end|>");
        if (turn >= 0) writer.Set("tokenizer.ggml.eot_token_id", first + (uint)turn);
    }

    /// <summary>The printable character that stands for a byte (Radford et al. 2019): itself where it is printable, else one from U+0100 on.</summary>
    private static char Symbol(byte value) => Printable(value) ? (char)value : (char)(0x100 + Enumerable.Range(0, value).Count(before => !Printable(before)));

    private static bool Printable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
