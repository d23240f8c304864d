using System.Text;
using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>Damage to the tokenizer's tables: doubled, empty and odd tokens, arrays of unequal length, wrong ids, broken merges.</summary>
internal static class VocabularyMutations
{
    private const string Tokens = "tokenizer.ggml.tokens", Types = "tokenizer.ggml.token_type", Merges = "tokenizer.ggml.merges", Scores = "tokenizer.ggml.scores";

    private static readonly string[] Ids = ["bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "mask", "fim_pre", "fim_suf", "fim_pad"];
    private static readonly string[] Models = ["gpt2", "llama", "bert", "t5", "rwkv", "plamo2", "gemma4", "none", "no_vocab", "test", "hybriddna", "whitespace", "x", ""];

    private static readonly string[] PreTokenizers =
    [
        "default", "qwen2", "qwen35", "llama-bpe", "llama3", "gpt-2", "tekken", "gemma4", "whitespace", "deepseek-llm", "deepseek-v3", "falcon", "mpt",
        "starcoder", "command-r", "chatglm-bpe", "glm4", "gpt-4o", "kimi-k2", "sarvam-moe", "viking", "bloom", "exaone", "exaone-moe", "superbpe", "smollm",
        "hunyuan", "grok-2", "jais-2", "minicpm5", "tiny_aya", "granite-embed-multi-311m", "afmoe", "laguna", "youtu", "solar-open", "refact", "nonsense", "",
    ];

    internal static readonly Mutation[] All =
    [
        new(4, "special id", (f, r) => f.Set($"tokenizer.ggml.{Ids[r.Next(Ids.Length)]}_token_id", Id(f, r))),
        new(2, "special id missing", (f, r) => f.Entries.RemoveAll(e => e.Key == $"tokenizer.ggml.{Ids[r.Next(3)]}_token_id")),
        new(2, "added tokens", (f, r) => f.Set($"tokenizer.ggml.add_{((string[])["bos", "eos", "sep"])[r.Next(3)]}_token", r.Next(2) == 0)),
        new(3, "tokenizer", (f, r) => f.Set("tokenizer.ggml.model", Models[r.Next(Models.Length)])),
        new(4, "pre-tokenizer", (f, r) => f.Set("tokenizer.ggml.pre", PreTokenizers[r.Next(PreTokenizers.Length)])),
        new(4, "token text", (f, r) => Change(f.Find(Tokens), r, Text)),
        new(2, "doubled token", (f, r) => Change(f.Find(Tokens), r, (random, items) => items[random.Next(items.Count)])),
        new(3, "token type", (f, r) => Change(f.Find(Types), r, (random, _) => BitConverter.GetBytes(((int[])[0, 1, 2, 3, 4, 5, 6, 7, -1, int.MaxValue])[random.Next(10)]))),
        new(1, "all token types", (f, r) => SetAll(f.Find(Types), BitConverter.GetBytes(r.Next(8)))),
        new(3, "merge", (f, r) => Change(f.Find(Merges), r, Merge)),
        new(1, "no merges", (f, _) => f.Find(Merges)?.Items.Clear()),
        new(3, "table length", Resize),
        new(2, "vocabulary size", ResizeAll),
        new(2, "scores", AddScores),
        new(1, "no vocabulary", (f, _) => f.Find(Tokens)?.Items.Clear()),
        new(1, "suppressed", (f, r) => f.Set("tokenizer.ggml.suppress_tokens", GgufValue.Array([-1, r.Next(), 3]))),
        new(1, "character map", CharacterMap),
        new(2, "sentence pieces", SentencePieces),
        new(1, "shuffled tokens", (f, r) => Shuffle(f.Find(Tokens), r)),
    ];

    private static uint Id(RawGguf file, Random random)
    {
        uint tokens = (uint)(file.Find(Tokens)?.Items.Count ?? 0);
        uint[] values = [0, 1, tokens / 2, tokens - 1, tokens, tokens + 1, int.MaxValue, 1u << 31, uint.MaxValue];
        return values[random.Next(values.Length)];
    }

    private static void Change(RawGguf.Entry? entry, Random random, Func<Random, List<byte[]>, byte[]> value)
    {
        if (entry is not { Items.Count: > 0 }) return;
        for (int n = random.Next(3) == 0 ? random.Next(1, 50) : 1; n > 0; n--) entry.Items[random.Next(entry.Items.Count)] = value(random, entry.Items);
    }

    private static byte[] Text(Random random, List<byte[]> items)
    {
        byte[][] texts =
        [
            [], [0], [(byte)'a', 0, (byte)'b'], [0xFF], [0xC3], [0xF0, 0x9F], " "u8.ToArray(), "  "u8.ToArray(), "\n"u8.ToArray(), "[EMPTY_5]"u8.ToArray(),
            "<0x0A>"u8.ToArray(), "<|im_end|>"u8.ToArray(), "<|endoftext|>"u8.ToArray(), "<unk>"u8.ToArray(), new byte[random.Next(1, 70_000)],
            Encoding.UTF8.GetBytes(new string('x', random.Next(1, 5000))), "</s>"u8.ToArray(), "<|return|>"u8.ToArray(), "<|call|>"u8.ToArray(), "<|end|>"u8.ToArray(),
        ];
        return texts[random.Next(texts.Length)];
    }

    private static byte[] Merge(Random random, List<byte[]> items)
    {
        byte[][] merges =
        [
            [], " "u8.ToArray(), "a"u8.ToArray(), "a "u8.ToArray(), " a"u8.ToArray(), "a b c"u8.ToArray(), [(byte)'a', (byte)' ', 0], [0xFF, 0x20, 0xFF],
            "  "u8.ToArray(), "   "u8.ToArray(), "\n \n"u8.ToArray(), [0, 0x20, 0], new byte[random.Next(1, 3000)], items[random.Next(items.Count)],
        ];
        return merges[random.Next(merges.Length)];
    }

    private static void SetAll(RawGguf.Entry? entry, byte[] item)
    {
        if (entry is not null) entry.Items = [.. entry.Items.Select(_ => item)];
    }

    private static void Resize(RawGguf file, Random random)
    {
        if (file.Find(((string[])[Tokens, Types, Merges])[random.Next(3)]) is { } entry) Resize(entry, Math.Max(0, entry.Items.Count + random.Next(-40, 41)), random);
    }

    private static void Resize(RawGguf.Entry entry, int count, Random random)
    {
        if (entry.Items.Count == 0) return;
        while (entry.Items.Count > count) entry.Items.RemoveAt(entry.Items.Count - 1);
        bool text = entry.IsText;
        for (int i = entry.Items.Count; i < count; i++)
            entry.Items.Add(text ? Encoding.UTF8.GetBytes($"new{i}x{random.Next()}") : entry.Items[^1]);
    }

    /// <summary>Tokens, types and the matrices over them together, so that only the ids and merges may be wrong.</summary>
    private static void ResizeAll(RawGguf file, Random random)
    {
        if (file.Find(Tokens) is not { Items.Count: > 0 } tokens) return;
        int before = tokens.Items.Count, count = random.Next(3) == 0 ? random.Next(1, 12) : Math.Max(1, before + random.Next(-40, 41));
        Resize(tokens, count, random);
        if (file.Find(Types) is { } types) Resize(types, count, random);
        foreach (var tensor in file.Tensors)
            for (int d = 0; d < tensor.Dims.Length; d++)
                if (tensor.Dims[d] == (ulong)before) tensor.Dims[d] = (ulong)count;
    }

    private static void AddScores(RawGguf file, Random random)
    {
        int count = Math.Max(0, (file.Find(Tokens)?.Items.Count ?? 0) + (random.Next(3) == 0 ? random.Next(-3, 4) : 0));
        var scores = Enumerable.Range(0, count).Select(i => -(float)i).ToArray();
        if (count > 0 && random.Next(3) == 0) scores[random.Next(count)] = ((float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])[random.Next(3)];
        file.Set(Scores, GgufValue.Array(scores));
    }

    /// <summary>A Unigram tokenizer with a random trie.</summary>
    private static void CharacterMap(RawGguf file, Random random)
    {
        var map = new byte[4 + (random.Next(1, 600) * 4) + random.Next(1, 50)];
        if (random.Next(2) == 0) random.NextBytes(map);
        BitConverter.TryWriteBytes(map, random.Next(3) == 0 ? random.Next() : (map.Length - 5) / 4 * 4);
        var value = new GgufValue(GgufValueType.UInt8, true, map);
        file.Set("tokenizer.ggml.model", "t5");
        file.Set("tokenizer.ggml.precompiled_charsmap", value);
        AddScores(file, random);
    }

    /// <summary>A SentencePiece tokenizer, with or without all of its byte tokens.</summary>
    private static void SentencePieces(RawGguf file, Random random)
    {
        if (file.Find(Tokens) is not { Items.Count: > 260 } tokens) return;
        int bytes = random.Next(2) == 0 ? 256 : random.Next(200, 256);
        for (int b = 0; b < bytes; b++) tokens.Items[b] = Encoding.ASCII.GetBytes($"<0x{b:X2}>");
        file.Set("tokenizer.ggml.model", random.Next(4) == 0 ? "plamo2" : "llama");
        if (file.Find(Types) is { Items.Count: > 260 } types)
            for (int b = 0; b < bytes; b++) types.Items[b] = BitConverter.GetBytes(6);
        AddScores(file, random);
    }

    private static void Shuffle(RawGguf.Entry? entry, Random random)
    {
        if (entry is null) return;
        var items = entry.Items.ToArray();
        random.Shuffle(items);
        entry.Items = [.. items];
    }
}
