using AgentKit.Cli.App;
using AgentKit.Tools.BuiltIn;
using AgentKit.Training.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Train;

/// <summary>Reads what the configurations of <c>train grpo</c> and <c>train ppo</c> share: how answers are written and what they earn.</summary>
internal static class RolloutConfigFile
{
    private static readonly string[] Own =
    [
        "generations", "iterations", "max_new_tokens", "tools", "max_tool_steps", "temperature", "parallel", "rewards", "length_limit", "length_stretch",
        "judge_model", "judge_rubric",
    ];

    /// <summary>Opens the document and refuses fields that such runs do not know.</summary>
    public static JsonPlace Open(string file, params string[] own) => RunConfigFile.Open(file, [.. Own, .. own]);

    /// <summary>The shared settings in a run's own options.</summary>
    public static RunOptions Complete<T>(T options, CommandContext context, JsonPlace config, string file)
        where T : RolloutRunOptions
    {
        Dictionary<string, double> weights = Weights(config);
        RolloutRunOptions complete = options with
        {
            MaxNewTokens = config.Count("max_new_tokens", options.MaxNewTokens),
            Tools = Tools(context, config),
            MaxToolSteps = config.Count("max_tool_steps", options.MaxToolSteps),
            Temperature = config.Positive("temperature", options.Temperature),
            Parallel = config.Field("parallel").IntegerOr(options.Parallel, "a whole number from 1 to 128 is expected", value => value is >= 1 and <= 128),
            Rewards = weights,
        };
        complete = RunConfigFile.Complete(complete, context, config, file);
        return complete with { MoreRewards = [.. RunRewards.Create(context, config, complete, Path.GetDirectoryName(Path.GetFullPath(file))!)] };
    }

    /// <summary>Built-in tools that need no settings and change nothing.</summary>
    private static AIFunction[] Tools(CommandContext context, JsonPlace config)
    {
        if (!config.Has("tools"))
        {
            return config.Has("max_tool_steps")
                ? throw config.Field("max_tool_steps").Fault("is given alone", "tools names those that are carried out")
                : [];
        }

        Dictionary<string, AIFunction> known = BuiltInTools.Create(new() { TimeProvider = context.Time }).ToDictionary(tool => tool.Name);
        return [.. config.Field("tools").Items().Select(item => item.OneOf(known)).Distinct()];
    }

    private static Dictionary<string, double> Weights(JsonPlace config)
    {
        if (!config.Has("rewards")) return [];
        JsonPlace rewards = config.Field("rewards").Knowing(RunRewards.Names);
        return rewards.Names().ToDictionary(name => name, name => rewards.Field(name).Number());
    }
}
