using System.Globalization;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Pruning;

/// <summary>Which weights may go: any, or so many of each group.</summary>
public sealed record PrunePattern
{
    private const int LargestGroup = 32;

    private PrunePattern()
    {
    }

    /// <summary>Weights kept of each group; 0 when unstructured.</summary>
    public int Keep { get; private init; }

    /// <summary>Neighbouring inputs that make a group; 0 when unstructured.</summary>
    public int Group { get; private init; }

    /// <summary>Share of weights that go, 0 to 1.</summary>
    public double Sparsity { get; private init; }

    /// <summary>Any weights may go.</summary>
    /// <param name="sparsity">Share of weights that go, above 0 and below 1.</param>
    /// <exception cref="UserInputException">The share is out of range.</exception>
    public static PrunePattern Unstructured(double sparsity) => sparsity is > 0 and < 1
        ? new() { Sparsity = sparsity }
        : throw new UserInputException("sparsity", string.Create(CultureInfo.InvariantCulture, $"The sparsity is {sparsity}; above 0 and below 1 is allowed."));

    /// <summary>N:M sparsity: of every <paramref name="group"/> neighbouring inputs <paramref name="keep"/> stay, for example 2:4.</summary>
    /// <exception cref="UserInputException">Not 1 ≤ keep &lt; group ≤ 32.</exception>
    public static PrunePattern Grouped(int keep, int group) => keep >= 1 && keep < group && group <= LargestGroup
        ? new() { Keep = keep, Group = group, Sparsity = 1 - ((double)keep / group) }
        : throw new UserInputException("pattern", $"The pattern is {keep}:{group}; N:M with 1 or more of N, fewer than M, and M at most {LargestGroup} is allowed.");

    /// <summary>Reads <c>unstructured</c> or <c>N:M</c>.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="sparsity">The share that goes; null: one half, or what N:M means.</param>
    /// <exception cref="UserInputException">It is neither, or the share contradicts it.</exception>
    public static PrunePattern Parse(string text, double? sparsity = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Equals("unstructured", StringComparison.OrdinalIgnoreCase)) return Unstructured(sparsity ?? 0.5);
        string[] numbers = text.Split(':');
        if (numbers.Length != 2 || !TryNumber(numbers[0], out int keep) || !TryNumber(numbers[1], out int group))
            throw new UserInputException("pattern", $"The pattern is '{text}'; 'unstructured' and N:M, for example 2:4, are allowed.");
        PrunePattern pattern = Grouped(keep, group);
        return sparsity is null || Math.Abs(sparsity.Value - pattern.Sparsity) < 1e-9 ? pattern : throw new UserInputException(
            "sparsity", string.Create(CultureInfo.InvariantCulture, $"The sparsity is {sparsity}; {pattern} means {pattern.Sparsity:0.###}. Leave it out."));
    }

    /// <summary><c>unstructured</c> or <c>N:M</c>.</summary>
    public override string ToString() => Group == 0 ? "unstructured" : $"{Keep}:{Group}";

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
