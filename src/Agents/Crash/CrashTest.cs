using System.Diagnostics;
using System.Globalization;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;

namespace AgentKit.Agents.Crash;

/// <summary>
/// Proves that an agent survives: a program is killed at every append of its run to the journal, and at random times; each next process
/// takes up what the last one left. Afterwards every run must have ended, or stand at a call that is marked as unknown.
/// </summary>
/// <remarks>
/// The program under test is the user's: it opens its journal, wraps it with <see cref="Wrap"/>, makes its agent with
/// <see cref="AgentOptions.RecoverAtStart"/> off, and calls <see cref="WorkAsync"/>. Whether effects happened once is for the caller to
/// count, in whatever its tools write to.
/// </remarks>
public static class CrashTest
{
    /// <summary>Environment variable with the id of the run a process is to make.</summary>
    public const string RunVariable = "AGENTKIT_CRASH_RUN";

    /// <summary>Environment variable with the point at which a process is killed; without it, it lives.</summary>
    public const string PointVariable = "AGENTKIT_CRASH_POINT";

    /// <summary>The process's side: puts the crash that was asked for into a journal.</summary>
    /// <param name="journal">The real journal.</param>
    /// <returns>The journal itself when no crash was asked for.</returns>
    public static IJournal Wrap(IJournal journal) =>
        Point() is { Time: null } point ? new CrashingJournal(journal, RunId(), point) : journal;

    /// <summary>The process's side: takes up what was interrupted, then makes the run that was asked for, until it dies.</summary>
    /// <param name="agent">The agent, on a journal from <see cref="Wrap"/>.</param>
    /// <param name="task">What the run is about.</param>
    public static async Task WorkAsync(Agent agent, string task)
    {
        using ITimer? bomb = Point()?.Time is { } time
            ? TimeProvider.System.CreateTimer(_ => Kill(), null, time, Timeout.InfiniteTimeSpan)
            : null;
        await agent.RecoverAsync().ConfigureAwait(false);
        await agent.RunOrResumeAsync(task, RunId(), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Kills this process as the operating system would: nothing is flushed, nothing is disposed, nobody is told.</summary>
    public static void Kill()
    {
        using Process self = Process.GetCurrentProcess();
        self.Kill();

        // The signal is on its way; nothing may happen in the meantime.
        new SemaphoreSlim(0).Wait();
    }

    /// <summary>The tester's side: kills process after process and looks at what they leave.</summary>
    /// <param name="plan">What to start and how often to kill it.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <exception cref="InvalidOperationException">A process ended in another way than by being killed or by doing its work.</exception>
    public static async Task<CrashReport> RunAsync(CrashPlan plan, CancellationToken cancellationToken = default)
    {
        var runs = new List<string>();
        int kills = 0;

        // 1. Every append, each time just before it and just after it, until a run has no more of them.
        for (int append = 1; plan.EveryAppend; append++)
        {
            bool before = await StartAsync(plan, runs, CrashPoint.BeforeAppend(append), cancellationToken).ConfigureAwait(false);
            bool after = await StartAsync(plan, runs, CrashPoint.AfterAppend(append), cancellationToken).ConfigureAwait(false);
            kills += (before ? 1 : 0) + (after ? 1 : 0);
            if (!before && !after) break;
        }

        // 2. Random times.
        var random = new Random(plan.Seed);
        for (int i = 0; i < plan.RandomKills; i++)
        {
            var point = CrashPoint.After(plan.LongestLife * random.NextDouble());
            if (await StartAsync(plan, runs, point, cancellationToken).ConfigureAwait(false)) kills++;
        }

        // 3. One process that is left alone takes up the last of them.
        await StartAsync(plan, runs, null, cancellationToken).ConfigureAwait(false);
        return await AuditAsync(plan, runs, kills, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<CrashReport> AuditAsync(CrashPlan plan, List<string> runs, int kills, CancellationToken cancellationToken)
    {
        IJournal journal = plan.OpenJournal();
        var views = new List<RunView>();
        var faults = new List<string>();
        foreach (string id in runs)
        {
            List<JournalRecord> records = await journal.ReadAsync(id, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            if (records.Count == 0) continue;
            views.Add(RunView.From(records));
            faults.AddRange(RunAudit.Check(records).Select(fault => $"{id}: {fault}"));
        }

        if (journal is IAsyncDisposable disposable) await disposable.DisposeAsync().ConfigureAwait(false);
        return new CrashReport(kills, views, faults);
    }

    /// <returns>Whether the process was killed.</returns>
    private static async Task<bool> StartAsync(CrashPlan plan, List<string> runs, CrashPoint? point, CancellationToken cancellationToken)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"crash-{runs.Count + 1:d4}");
        runs.Add(id);
        ProcessStartInfo start = plan.Start();
        start.Environment[RunVariable] = id;
        if (point is not null) start.Environment[PointVariable] = point.ToString();
        start.RedirectStandardError = true;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (process.ExitCode == 0) return false;
        if (point is not null && errors.Length == 0) return true;
        throw new InvalidOperationException($"The process for {id} ({point}) ended with {process.ExitCode}: {errors}");
    }

    private static CrashPoint? Point() =>
        Environment.GetEnvironmentVariable(PointVariable) is { Length: > 0 } text ? CrashPoint.Parse(text) : null;

    private static string RunId() =>
        Environment.GetEnvironmentVariable(RunVariable)
        ?? throw new UserInputException(RunVariable, $"{RunVariable} is not set; {nameof(CrashTest)}.{nameof(RunAsync)} starts this process.");
}
