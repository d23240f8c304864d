using System.Diagnostics;
using AgentKit.Cli.App;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>
/// Training in a process of its own: native code that gives up ends that process only, and this one says what happened and how to go on. The worker ends when the pipe to its
/// standard input does, so none is left behind.
/// </summary>
internal static class TrainingWorker
{
    private const string Marker = "AGENTKIT_TRAINING_WORKER";
    private const string StopWord = "stop";
    private const int KeptLines = 6, FirstSignal = 128;

    private static readonly Dictionary<int, string> Signals = new()
    {
        [4] = "SIGILL, an instruction this processor does not have", [6] = "SIGABRT, native code gave up", [7] = "SIGBUS, memory that could not be read",
        [9] = "SIGKILL, ended from outside or for want of memory", [11] = "SIGSEGV, a fault in native code",
    };

    /// <summary>Whether the command is to start a worker: it runs as the program, and is none itself.</summary>
    public static bool IsWanted(CommandContext context) => context.Terminal.IsOfProcess && Environment.GetEnvironmentVariable(Marker) is null;

    /// <summary>Runs this very command line in a worker.</summary>
    /// <param name="context">The command.</param>
    /// <param name="folder">The run's folder, which tells how far it came.</param>
    /// <param name="resume">The command that goes on with it.</param>
    /// <exception cref="TrainingException">The worker was ended by a signal or a crash.</exception>
    public static async Task<int> RunAsync(CommandContext context, string folder, string resume)
    {
        using Process worker = Start(keepError: !context.Terminal.ErrorIsTerminal);
        using CancellationTokenRegistration stopping = context.Stop.Register(() => Tell(worker));
        Queue<string> last = new();
        if (worker.StartInfo.RedirectStandardError)
        {
            while (await worker.StandardError.ReadLineAsync() is { } line)
            {
                await context.Terminal.Error.WriteLineAsync(line);
                last.Enqueue(line);
                if (last.Count > KeptLines) last.Dequeue();
            }
        }

        await worker.WaitForExitAsync();
        if (worker.ExitCode is ExitCode.Done or ExitCode.Failed or ExitCode.WrongInput or ExitCode.Cancelled) return worker.ExitCode;
        string cause = Signals.TryGetValue(worker.ExitCode - FirstSignal, out string? signal) ? signal : $"exit code {worker.ExitCode}";
        string said = last.LastOrDefault(line => line.Contains("GGML_", StringComparison.Ordinal)) is { } complaint ? $" It said: {complaint.Trim()}" : "";
        string left = RunFolder.LastCheckpoint(folder) is { } step
            ? $"The checkpoint of step {step} is intact; go on with: {resume}"
            : $"It had not written a checkpoint yet; begin again with: {resume}";
        throw new TrainingException($"The training process ended without a result ({cause}).{said} {left}");
    }

    /// <summary>In a worker: listens to the process that started it, and ends with it.</summary>
    public static void Obey(CommandContext context)
    {
        if (!context.Terminal.IsOfProcess || Environment.GetEnvironmentVariable(Marker) is null) return;
        context.Interrupts.IsPatient = true;
        _ = Task.Run(() =>
        {
            while (context.Terminal.In.ReadLine() is { } line)
            {
                if (line == StopWord) context.Interrupts.Request();
            }

            // Whoever started this is gone; nothing that is not in a checkpoint yet is worth a second trainer in the same folder.
            Process.GetCurrentProcess().Kill();
        });
    }

    private static Process Start(bool keepError)
    {
        string[] line = Environment.GetCommandLineArgs();
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(program, isHost ? line : line[1..]) { RedirectStandardInput = true, RedirectStandardError = keepError };
        start.Environment[Marker] = "1";
        // Else ggml starts a debugger to print its stack before it gives up.
        start.Environment["GGML_NO_BACKTRACE"] = "1";
        return Process.Start(start)!;
    }

    private static void Tell(Process worker)
    {
        try
        {
            worker.StandardInput.WriteLine(StopWord);
            worker.StandardInput.Flush();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It has just ended by itself, which is what was asked for.
            Debug.Assert(worker.HasExited || e is IOException);
        }
    }
}
