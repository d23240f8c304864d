namespace AgentKit.Eval.Runs;

/// <summary>Signatures: <c>key:value</c> joined by bars.</summary>
internal static class Signatures
{
    /// <summary>Where two differ, in words; empty when they are equal.</summary>
    public static IEnumerable<string> Differences(string one, string other)
    {
        Dictionary<string, string> left = Parts(one), right = Parts(other);
        return left.Keys.Union(right.Keys).Where(key => left.GetValueOrDefault(key) != right.GetValueOrDefault(key))
            .Select(key =>
                $"{key} is {left.GetValueOrDefault(key) ?? "not given"} there and {right.GetValueOrDefault(key) ?? "not given"} here");
    }

    private static Dictionary<string, string> Parts(string signature) =>
        signature.Split('|').Select(part => part.Split(':', 2)).GroupBy(part => part[0])
            .ToDictionary(group => group.Key, group => string.Join(':', group.First().Skip(1)));
}
