using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>1 where the last number of the answer is the expected one, else 0. Separators of thousands are read over.</summary>
public sealed partial class NumberReward : Reward
{
    /// <inheritdoc/>
    public override string Name => "number";

    /// <inheritdoc/>
    public override string? Fault(JsonElement expected) => expected.ValueKind == JsonValueKind.Number ? null : "a number is expected";

    /// <inheritdoc/>
    public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        Match? last = Number().Matches(answer.Content).LastOrDefault();
        bool right = last is not null
            && double.TryParse(last.Value.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out double found)
            && Math.Abs(found - expected.GetDouble()) <= 1e-9 * Math.Max(1, Math.Abs(expected.GetDouble()));
        return new(right ? 1 : 0);
    }

    [GeneratedRegex(@"-?\d[\d,]*(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Number();
}
