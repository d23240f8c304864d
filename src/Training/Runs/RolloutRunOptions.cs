using System.Text.Json.Serialization;
using AgentKit.Kernel.Errors;
using AgentKit.Training.Rewards;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Runs;

/// <summary>A run that learns from its own answers and what they earn. <see cref="RunSettings.BatchSize"/> counts prompts a round.</summary>
public abstract record RolloutRunOptions : RunOptions
{
    /// <value>Most tokens of an answer; 1 or more. Default 256.</value>
    public int MaxNewTokens
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxNewTokens), value, "1 or more");
    } = 256;

    /// <value>How freely answers are sampled; above 0. Default 1, the model as it is. They are learned from at the same temperature: it is part of the policy.</value>
    public double Temperature
    {
        get;
        init => field = double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Temperature), value, "above 0");
    } = 1;

    /// <value>Answers that are written at once; 1 to 128. Default 16.</value>
    public int Parallel
    {
        get;
        init => field = value is >= 1 and <= 128 ? value : throw new ArgumentOutOfRangeException(nameof(Parallel), value, "1 to 128");
    } = 16;

    /// <value>
    /// Tools that every prompt offers beside its row's own, and that are carried out while answers are written: the answer goes on behind their results, which it does not learn.
    /// Default none. A call of any other tool ends the answer. They are called by several threads at once, and as often as the model likes: only tools without effects belong here.
    /// </value>
    [JsonIgnore]
    public IReadOnlyList<AIFunction> Tools { get; init; } = [];

    /// <value>The names of <see cref="Tools"/>, which a resumed run must share; <c>null</c> where there are none.</value>
    public IReadOnlyList<string>? ToolNames => Tools.Count == 0 ? null : [.. Tools.Select(tool => tool.Name)];

    /// <value>Most turns of an answer whose calls are carried out; the next one's end it. 1 or more. Default 4.</value>
    public int MaxToolSteps
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxToolSteps), value, "1 or more");
    } = 4;

    /// <value>Weights of rewards by name; empty, the default: 1 for each whose field a row has.</value>
    public IReadOnlyDictionary<string, double> Rewards { get; init; } = new Dictionary<string, double>();

    /// <value>Rewards beside those that <see cref="RewardSet"/> has.</value>
    [JsonIgnore]
    public IReadOnlyList<Reward> MoreRewards { get; init; } = [];

    /// <value>The settings of <see cref="MoreRewards"/>, which a resumed run must share; <c>null</c> where they have none.</value>
    public string? RewardSettings
    {
        get
        {
            string[] settings = [.. MoreRewards.Where(reward => reward.Settings.Length > 0).Select(reward => $"{reward.Name}: {reward.Settings}")];
            return settings.Length == 0 ? null : string.Join('\n', settings.Order(StringComparer.Ordinal));
        }
    }

    /// <summary>A number of steps that settings multiply to.</summary>
    /// <exception cref="UserInputException">There are more than can be counted.</exception>
    internal static int StepsOf(int first, int second) => (long)first * second is var steps && steps <= int.MaxValue
        ? (int)steps
        : throw new UserInputException("iterations", $"iterations: {steps} steps would be taken each time that every prompt is answered; {int.MaxValue} can be at most.");
}
