using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Quantization;

/// <summary>The storage types a model can be converted to, by the names llama.cpp's users know.</summary>
internal static class QuantizationType
{
    /// <summary>Name and llama_ftype, the largest first.</summary>
    private static readonly OrderedDictionary<string, int> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["F32"] = 0, ["F16"] = 1, ["BF16"] = 32, ["Q8_0"] = 7, ["Q6_K"] = 18, ["Q5_K_M"] = 17, ["Q5_K_S"] = 16, ["Q5_1"] = 9, ["Q5_0"] = 8,
        ["Q4_K_M"] = 15, ["Q4_K_S"] = 14, ["IQ4_NL"] = 25, ["IQ4_XS"] = 30, ["Q4_1"] = 3, ["Q4_0"] = 2, ["Q3_K_L"] = 13, ["Q3_K_M"] = 12,
        ["IQ3_M"] = 27, ["IQ3_S"] = 26, ["Q3_K_S"] = 11, ["IQ3_XS"] = 22, ["IQ3_XXS"] = 23, ["Q2_K"] = 10, ["IQ2_M"] = 29, ["Q2_K_S"] = 21,
        ["IQ2_S"] = 28, ["IQ2_XS"] = 20, ["IQ2_XXS"] = 19, ["IQ1_M"] = 31, ["IQ1_S"] = 24,
    };

    /// <summary>Types whose blocks are chosen by weighing; llama.cpp refuses them unweighed, because the result would be garbage.</summary>
    private static readonly HashSet<string> Weighed = new(StringComparer.OrdinalIgnoreCase)
    {
        "IQ3_XS", "IQ3_XXS", "IQ2_M", "Q2_K_S", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S",
    };

    /// <summary>All names, the largest type first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Types.Keys];

    /// <summary>Those that need an importance matrix.</summary>
    public static IReadOnlyList<string> WeighedNames { get; } = [.. Types.Keys.Where(Weighed.Contains)];

    /// <summary>Whether a type needs an importance matrix.</summary>
    public static bool NeedsImportance(string name) => Weighed.Contains(name);

    /// <summary>The number llama.cpp knows a type by.</summary>
    /// <exception cref="UserInputException">There is no such type; names those there are.</exception>
    public static int Parse(string name) => Types.TryGetValue(name, out int type)
        ? type
        : throw new UserInputException("TYPE", $"TYPE is '{name}'; allowed are {string.Join(", ", Names)}.");
}
