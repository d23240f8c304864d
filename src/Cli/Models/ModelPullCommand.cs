using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Hub;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model pull REPO[/FILE]</c>: brings a model into the data directory, where <c>-m</c> finds it by name.</summary>
internal static class ModelPullCommand
{
    private static readonly Argument<string> Repository = new("REPO")
    {
        Description = "owner/name of a repository with GGUF files, or owner/name/FILE where it has several. AGENTKIT_HUB names a mirror, HF_TOKEN a token.",
    };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace another file of the same name." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("pull", "Download a model; goes on where an earlier download stopped, and verifies the result.") { Repository, Force },
        "agentkit model pull owner/some-model-GGUF/some-model-q4_k_m.gguf",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        HubReference reference = HubReference.Parse(context.Parse.GetValue(Repository)!);
        HubOptions options = HubSettings.Read(Environment.GetEnvironmentVariable);
        string folder = Directory.CreateDirectory(Path.Combine(context.Data.Ensure().Path, "models")).FullName;
        long started = context.Time.GetTimestamp();
        using var hub = new ModelHub(options, context.Time);
        IReadOnlyList<HubFile> files = await hub.FindAsync(reference, context.Stop);
        var pulled = new List<PulledFile>();
        foreach (HubFile file in files) pulled.Add(await PullAsync(context, hub, reference.Repository, file, folder));
        string name = ModelLocator.NameOf(pulled[0].Path);
        context.WriteJson(new PullJson(
            name,
            reference.Repository,
            options.Address.ToString(),
            [.. pulled.Select(file => new PullJson.File(file.Path, file.Bytes, file.Sha256, file.Verified, file.ResumedFrom, file.AlreadyThere))],
            Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3)));
        Show(context, name, pulled);
        return ExitCode.Done;
    }

    private static async Task<PulledFile> PullAsync(CommandContext context, ModelHub hub, string repository, HubFile file, string folder)
    {
        using var line = new ProgressLine(context.Terminal, context.Quiet, context.Time);
        var progress = new DownloadProgress(step =>
        {
            if (step.Note is null) line.Report(step.File, step.Done, step.Total);
            else context.Screen.Progress($"[yellow]note:[/] {Markup.Escape(step.Note)}");
        });
        try
        {
            return await hub.PullAsync(repository, file, folder, context.Parse.GetValue(Force), progress, context.Stop);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            line.Dispose();
            context.Screen.Notice($"cancelled: what has come of {file.Name} is kept; run the same command again to go on.");
            throw;
        }
    }

    private static void Show(CommandContext context, string name, List<PulledFile> pulled)
    {
        foreach (PulledFile file in pulled)
        {
            string how = file.AlreadyThere ? "already there" : file.Verified ? "SHA-256 verified" : $"SHA-256 {file.Sha256}; the hub names none to compare";
            context.Screen.ShowLine($"{Markup.Escape(file.Path)} ({Quantity.Bytes(file.Bytes)}, {how})");
        }

        try
        {
            ModelInfo.Read(pulled[0].Path);
            context.Screen.Progress($"[grey]Use it with -m {Markup.Escape(name)}; 'agentkit model fit {Markup.Escape(name)}' says what it needs.[/]");
        }
        catch (UserInputException e)
        {
            context.Screen.Notice($"warning: it is not a model that can be used: {e.Message}");
        }
    }
}
