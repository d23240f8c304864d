using System.Buffers.Binary;

namespace AgentKit.Models.Gguf;

/// <summary>
/// The character map of Unigram tokenizers: a trie packed as an XOR-compressed compact double array, and replacement texts ended by NUL.
/// llama.cpp throws across the C interface when a text leads its walk out of either.
/// </summary>
internal static class CharacterMapCheck
{
    private const string Key = "tokenizer.ggml.precompiled_charsmap";

    internal static void Verify(ModelMetadata model)
    {
        if (model.FindArray(Key, GgufValueType.Int8, GgufValueType.UInt8) is not { } value) return;
        var map = value.Data;
        if (map.Length < 4) throw model.Fault(Key, $"has {map.Length} bytes; at least 4 are needed.");
        uint trieBytes = BinaryPrimitives.ReadUInt32LittleEndian(map);
        if (trieBytes % 4 != 0 || trieBytes < 4 || trieBytes >= map.Length - 4)
            throw model.Fault(Key, $"claims a trie of {trieBytes} bytes in {map.Length} bytes.");
        var trie = new uint[trieBytes / 4];
        for (int i = 0; i < trie.Length; i++) trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (i * 4))..]);
        var texts = map[(4 + (int)trieBytes)..];
        if (texts[^1] != 0) throw model.Fault(Key, "ends within a replacement text.");
        Walk(model, trie, texts.Length);
    }

    /// <summary>Visits every node that some text can reach.</summary>
    private static void Walk(ModelMetadata model, uint[] trie, int textBytes)
    {
        var seen = new bool[trie.Length];
        var open = new Stack<uint>([0]);
        while (open.TryPop(out uint node))
        {
            if (seen[node]) continue;
            seen[node] = true;
            uint children = node ^ Base(trie[node]);
            if (node == 0) children = Base(trie[0]);
            for (uint c = 1; c < 256; c++)
            {
                uint child = children ^ c;
                if (child >= trie.Length) throw model.Fault(Key, $"leads from trie node {node} to {child}; the trie has {trie.Length} nodes.");
                if (!seen[child] && (trie[child] & 0x800000FF) == c) open.Push(child);
            }
            if ((trie[node] & 0x100) == 0) continue;
            if (children >= trie.Length) throw model.Fault(Key, $"leads from trie node {node} to {children}; the trie has {trie.Length} nodes.");
            uint text = trie[children] & 0x7FFFFFFF;
            if (text >= textBytes) throw model.Fault(Key, $"refers to a replacement text at {text}; there are {textBytes} bytes.");
        }
    }

    private static uint Base(uint node) => (node >> 10) << (int)((node & (1u << 9)) >> 6);
}
