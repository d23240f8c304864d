using AgentKit.Models;
using AgentKit.Models.Gguf;

namespace AgentKit.Cli.Eval;

/// <summary>Whether two models come from one base, as far as their files tell.</summary>
internal static class ModelKinship
{
    private static readonly string[] OwnNames = ["general.basename", "general.name"];

    /// <summary>What they share, in words; <c>null</c> when nothing shows.</summary>
    public static string? Of(GgufFile one, GgufFile other)
    {
        HashSet<string> left = Names(one), right = Names(other);
        if (left.Intersect(right, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is { } name) return name;
        ModelInfo a = ModelInfo.From(one), b = ModelInfo.From(other);
        bool sameShape = a.Architecture == b.Architecture && a.Layers == b.Layers && a.EmbeddingLength == b.EmbeddingLength && a.Layers is not null;
        return sameShape && SameVocabulary(one, other) ? $"{a.Architecture} of the same shape and vocabulary" : null;
    }

    /// <summary>What a file calls itself, and the models it says it comes from.</summary>
    private static HashSet<string> Names(GgufFile file)
    {
        IEnumerable<string> bases = file.Metadata.Keys.Where(key => key.StartsWith("general.base_model.", StringComparison.Ordinal))
            .Where(key => key.EndsWith(".name", StringComparison.Ordinal) || key.EndsWith(".repo_url", StringComparison.Ordinal));
        return OwnNames.Concat(bases).Select(file.FindString).OfType<string>().Where(name => name.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static bool SameVocabulary(GgufFile one, GgufFile other)
    {
        const string Tokens = "tokenizer.ggml.tokens";
        if (!one.Metadata.TryGetValue(Tokens, out GgufValue? left) || !other.Metadata.TryGetValue(Tokens, out GgufValue? right)) return false;
        if (left.Count != right.Count) return false;
        for (int i = 0; i < left.Count; i++)
        {
            if (!left.Utf8(i).SequenceEqual(right.Utf8(i))) return false;
        }

        return true;
    }
}
