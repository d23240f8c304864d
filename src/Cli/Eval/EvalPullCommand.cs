using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Output;
using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Sources;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Hub;
using Spectre.Console;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval pull TASK…</c>: brings the published data of tasks into the dataset directory.</summary>
internal static class EvalPullCommand
{
    private const string MirrorVariable = "AGENTKIT_DATASETS_HUB";

    private static readonly Argument<string[]> Tasks = new("TASK")
    {
        Description = $"Names of tasks ('agentkit eval list'). {MirrorVariable} names a mirror of {DataSources.DefaultAddress.Host}.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace files that have other content." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("pull", "Download the data sets of tasks, each file verified by its SHA-256; goes on where an earlier download stopped.")
        {
            Tasks,
            DatasetOptions.Directory,
            Force,
        },
        "agentkit eval pull gsm8k arc_easy --datasets ~/datasets",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        TaskDefinition[] tasks = [.. context.Parse.GetValue(Tasks)!.Select(name => TaskCatalog.Find(name).Definition).DistinctBy(task => task.Name)];
        Uri address = Address();
        // Tasks share files, and a task that cannot be had must be known before the first byte comes.
        var wanted = tasks.SelectMany(DataSources.Of).SelectMany(source => source.Files.Select(file => (Source: source, File: file)))
            .DistinctBy(one => one.File.File).ToArray();
        string directory = DatasetOptions.PathOf(context);
        long started = context.Time.GetTimestamp();
        List<EvalPullJson.Item> pulled = [];
        foreach ((DataSource source, DataFile file) in wanted)
        {
            PulledFile got = await PullAsync(context, address, source, file, directory);
            pulled.Add(new(file.File, source.Repository, source.Licence, got.Bytes, got.Sha256, got.ResumedFrom, got.AlreadyThere));
        }

        double seconds = Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3);
        context.WriteJson(new EvalPullJson([.. tasks.Select(task => task.Name)], directory, pulled, seconds));
        Show(context, pulled, directory);
        return ExitCode.Done;
    }

    private static Uri Address()
    {
        if (Environment.GetEnvironmentVariable(MirrorVariable)?.Trim() is not { Length: > 0 } text) return DataSources.DefaultAddress;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw new UserInputException(
                MirrorVariable, $"{MirrorVariable} is '{text}'; an address such as {DataSources.DefaultAddress} is expected.");
    }

    private static async Task<PulledFile> PullAsync(CommandContext context, Uri address, DataSource source, DataFile file, string directory)
    {
        using var line = new ProgressLine(context.Terminal, context.Quiet, context.Time);
        var progress = new DownloadProgress(step =>
        {
            if (step.Note is null) line.Report(file.File, step.Done, step.Total);
            else context.Screen.Progress($"[yellow]note:[/] {Markup.Escape(step.Note)}");
        });
        try
        {
            bool force = context.Parse.GetValue(Force);
            return await DataSources.PullAsync(address, source, file, directory, force, progress, context.Time, context.Stop);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            line.Dispose();
            context.Screen.Notice($"cancelled: what has come of {file.File} is kept; run the same command again to go on.");
            throw;
        }
    }

    private static void Show(CommandContext context, List<EvalPullJson.Item> pulled, string directory)
    {
        foreach (var source in pulled.GroupBy(file => (file.Repository, file.Licence)))
        {
            int there = source.Count(file => file.AlreadyThere);
            string what = source.Count() == 1 ? source.First().File : string.Create(CultureInfo.InvariantCulture, $"{source.Count()} files");
            string already = there == 0 ? "" : there == source.Count() ? ", already there" : $", {there} already there";
            context.Screen.ShowLine(Markup.Escape(
                $"{what} ({Quantity.Bytes(source.Sum(file => file.Bytes))}, SHA-256 verified{already}) from {source.Key.Repository}, {source.Key.Licence}"));
        }

        context.Screen.Progress($"[grey]in {Markup.Escape(directory)}[/]");
    }
}
