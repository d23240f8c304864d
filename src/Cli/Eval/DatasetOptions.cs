using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Eval;

/// <summary>Where the tasks' samples come from.</summary>
internal static class DatasetOptions
{
    public static readonly Option<string?> Directory = new("--datasets")
    {
        Description = "Directory of the published data sets, such as gsm8k/test.jsonl. [default: $AGENTKIT_DATASETS, else <data>/datasets]",
        HelpName = "dir",
    };

    public static readonly Option<bool> Samples = new("--samples")
    {
        Description = "Use the handful of samples built in for each task: to try things out; the numbers say nothing about the model.",
    };

    /// <exception cref="UserInputException">There is no such directory.</exception>
    public static TaskData Read(CommandContext context, bool samples)
    {
        if (samples) return TaskData.Samples;
        string? named = context.Parse.GetValue(Directory);
        if (named is not null && !System.IO.Directory.Exists(named))
            throw new UserInputException(Directory.Name, $"{Directory.Name}: there is no directory {named}.");
        return TaskData.Directory(PathOf(context));
    }

    /// <summary>The directory, which may not exist yet.</summary>
    public static string PathOf(CommandContext context)
    {
        string? environment = Environment.GetEnvironmentVariable("AGENTKIT_DATASETS");
        return Path.GetFullPath(context.Parse.GetValue(Directory)
            ?? (environment is { Length: > 0 } ? environment : Path.Combine(context.Data.Path, "datasets")));
    }

    /// <summary>Whether a task's files are there.</summary>
    public static bool Has(TaskData data, TaskDefinition task) => task.Files.Concat(task.FurtherFiles ?? []).All(data.Has);
}
