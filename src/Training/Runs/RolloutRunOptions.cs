using System.Text.Json.Serialization;
using AgentKit.Training.Rewards;

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

    /// <value>How freely answers are sampled; above 0. Default 1, the model as it is.</value>
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
}
