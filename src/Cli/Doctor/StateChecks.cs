using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Doctor;

/// <summary>Whether what the toolkit keeps can be kept: the data directory and the journal in it.</summary>
internal static class StateChecks
{
    private const string Mend = "Choose another directory with --data or AGENTKIT_HOME.";

    public static async IAsyncEnumerable<DoctorCheck> RunAsync(DataDirectory data)
    {
        DoctorCheck writable = Writable(data);
        yield return writable;
        if (writable.Ok) yield return await JournalAsync(data);
    }

    private static DoctorCheck Writable(DataDirectory data)
    {
        string found = $"{data.Path} (from {data.Source})";
        try
        {
            string probe = Path.Combine(data.Ensure().Path, $".doctor-{Environment.ProcessId}");
            File.WriteAllBytes(probe, [1]);
            File.Delete(probe);
            return new("data", true, $"{found}, writable");
        }
        catch (Exception e) when (e is UserInputException or IOException or UnauthorizedAccessException)
        {
            return new("data", false, $"{found}: {e.Message}", Mend);
        }
    }

    private static async Task<DoctorCheck> JournalAsync(DataDirectory data)
    {
        try
        {
            await using SqliteJournal journal = SqliteJournal.Open(data.Journal);
            int runs = 0;
            await foreach (var _ in journal.ListAsync()) runs++;
            return new("journal", true, $"{data.Journal}, {runs} run{(runs == 1 ? "" : "s")}");
        }
        catch (UserInputException e)
        {
            return new("journal", false, e.Message, $"Move {data.Journal} away, or: {Mend}");
        }
    }
}
