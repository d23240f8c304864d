using System.Globalization;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>Rewards with weights; what an answer earns is their weighted sum.</summary>
public sealed class RewardSet
{
    /// <summary>Behind a reward's name in the parts: 1 where its model could not judge the answer.</summary>
    internal const string Unjudged = "_unjudged";

    private static readonly Reward[] Plain = [new ExactReward(), new NumberReward(), new SchemaReward(), new ToolCallReward()];
    private static readonly Reward[] BuiltIn = [.. Plain, new ToolNameReward()];

    private readonly IReadOnlyList<(Reward Reward, double Weight)> _rewards;
    private readonly bool _named;

    /// <param name="weights">Weights by name; empty for 1 for each reward whose field a row has.</param>
    /// <param name="more">Rewards beside those that need nothing but the row: exact, number, schema, tool_calls, tool_names.</param>
    /// <exception cref="UserInputException">There is no reward of a name.</exception>
    public RewardSet(IReadOnlyDictionary<string, double> weights, IReadOnlyList<Reward>? more = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Reward[] known = [.. BuiltIn, .. more ?? []];
        if (weights.Keys.FirstOrDefault(name => known.All(reward => reward.Name != name)) is { } unknown)
            throw new UserInputException($"rewards.{unknown}", $"rewards.{unknown} is no known reward; known here: {string.Join(", ", known.Select(reward => reward.Name))}.");
        _named = weights.Count > 0;
        _rewards = !_named
            ? [.. Plain.Concat(more ?? []).Select(reward => (reward, 1.0))]
            : [.. known.Where(reward => weights.ContainsKey(reward.Name)).Select(reward => (reward, weights[reward.Name]))];
    }

    /// <summary>The names of the rewards that need nothing but the row.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. BuiltIn.Select(reward => reward.Name)];

    /// <summary>Refuses a reward that was given a weight and that no row can earn: its name is a mistake, or the rows' fields are.</summary>
    /// <param name="expected">The rows' <c>reward</c> objects.</param>
    /// <exception cref="UserInputException">There is one.</exception>
    internal void RefuseUnearnable(IReadOnlyList<JsonElement> expected)
    {
        if (!_named) return;
        foreach ((Reward reward, double weight) in _rewards)
        {
            if (expected.Any(row => Applies(reward, row, out _))) continue;
            throw new UserInputException(
                $"rewards.{reward.Name}",
                string.Create(CultureInfo.InvariantCulture, $"rewards.{reward.Name} has the weight {weight}, and no row has {reward.Field} in its reward, ")
                + "so no answer can earn it; leave it out, or give rows that field.");
        }
    }

    /// <summary>Why a row cannot be judged; <c>null</c> when it can.</summary>
    /// <param name="expected">The row's <c>reward</c> object.</param>
    public string? Fault(JsonElement expected)
    {
        bool any = false;
        foreach ((Reward reward, _) in _rewards)
        {
            if (!Applies(reward, expected, out JsonElement value)) continue;
            any = true;
            if (reward.Field is not null && reward.Fault(value) is { } fault) return $"reward.{reward.Field}: {fault}";
        }

        IEnumerable<string> fields = _rewards.Select(pair => pair.Reward.Field).OfType<string>().Distinct();
        return any ? null : $"reward has none of {string.Join(", ", fields)}, so no answer can earn anything";
    }

    /// <summary>Judges an answer by all rewards that apply.</summary>
    /// <param name="prompt">What was asked.</param>
    /// <param name="expected">The row's <c>reward</c> object.</param>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The weighted sum, and each reward by name; <c>NAME_unjudged</c> is 1 where a reward's model gave no usable mark, which then earns nothing.</returns>
    public async Task<(double Total, IReadOnlyDictionary<string, double> Parts)> JudgeAsync(
        Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        double total = 0;
        Dictionary<string, double> parts = [];
        foreach ((Reward reward, double weight) in _rewards)
        {
            if (!Applies(reward, expected, out JsonElement value)) continue;
            try
            {
                double score = await reward.JudgeAsync(prompt, value, answer, cancellationToken).ConfigureAwait(false);
                parts[reward.Name] = score;
                total += weight * score;
            }
            catch (ModelOutputException)
            {
                // One answer that a model could not judge must not end a run of many hours; how many there are is a metric.
                parts[reward.Name + Unjudged] = 1;
            }
        }

        return (total, parts);
    }

    private static bool Applies(Reward reward, JsonElement expected, out JsonElement value)
    {
        value = default;
        return reward.Field is null || expected.TryGetProperty(reward.Field, out value);
    }
}
