using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary>Finds the run that an argument names.</summary>
internal static class RunLookup
{
    public static Argument<string> Argument(string name = "ID") => new(name)
    {
        Description = "The run's id, as printed by 'run' and 'runs list'; a unique beginning is enough.",
    };

    /// <summary>Opens the journal.</summary>
    /// <exception cref="UserInputException">There is none, so there is no run.</exception>
    public static SqliteJournal Open(CommandContext context, string? id) => File.Exists(context.Data.Journal)
        ? SqliteJournal.Open(context.Data.Journal, context.Time)
        : throw new UserInputException("ID", $"ID: there is no run{(id is null ? "" : $" '{id}'")}; {context.Data.Path} has no journal yet.");

    /// <summary>All records of the run that an id, or the beginning of one, names.</summary>
    /// <exception cref="UserInputException">There is none, or more than one.</exception>
    public static async Task<IReadOnlyList<JournalRecord>> FindAsync(
        CommandContext context, IJournal journal, string id, string field = "ID")
    {
        List<JournalRecord> exact = await journal.ReadAsync(id, context.Stop).ToListAsync(context.Stop);
        if (exact.Count > 0) return exact;
        List<string> near = [];
        await foreach (RunSummary run in journal.ListAsync(cancellationToken: context.Stop))
            if (id.Length > 0 && run.RunId.StartsWith(id, StringComparison.Ordinal)) near.Add(run.RunId);
        return near.Count == 1
            ? await journal.ReadAsync(near[0], context.Stop).ToListAsync(context.Stop)
            : throw new UserInputException(field, near.Count == 0
                ? $"{field}: there is no run '{id}' in {context.Data.Journal}; 'agentkit runs list' lists them."
                : $"{field}: '{id}' is the beginning of {near.Count} runs: {string.Join(", ", near.Take(5))}.");
    }
}
