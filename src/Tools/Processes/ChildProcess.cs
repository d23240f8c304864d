using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace AgentKit.Tools.Processes;

/// <summary>
/// A program with its three streams, in a process group of its own where the system has <c>setsid</c>: an interrupt at the terminal does
/// not hit it, and it ends with everything it has started. A guard, a small shell, ends it also when this process is killed and can do
/// nothing any more.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>How long a program may take to end by itself, once after its input has ended and once after it was asked to.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // The guard's input ends when this process does, however it ends. Then the program may end by itself for a moment. Who has left the
    // group still carries the family's mark, which only Linux shows.
    private const string GuardScript = """
        read -r _
        sleep 2
        kill -9 -- "-$1" 2>/dev/null
        [ -d /proc/1 ] || exit 0
        for file in $(grep -lsF -- "$2" /proc/[0-9]*/environ); do id=${file#/proc/}; kill -9 "${id%/environ}" 2>/dev/null; done
        """;

    private static readonly string? SetSid = OperatingSystem.IsWindows() ? null : ProgramPath.Find("setsid", "/", "/usr/bin:/bin");

    private readonly Process _process;
    private readonly Process? _guard;
    private readonly ProcessFamily _family;
    private readonly Lock _ending = new();
    private Task? _end;

    private ChildProcess(Process process, Process? guard, ProcessFamily family) => (_process, _guard, _family) = (process, guard, family);

    /// <summary>The program's id.</summary>
    public int Id => _process.Id;

    /// <summary>The program's standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The program's standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The program's standard error.</summary>
    public Stream Error => _process.StandardError.BaseStream;

    /// <summary>Starts a program.</summary>
    /// <param name="program">A name found in the PATH of <paramref name="environment"/>, or a path.</param>
    /// <param name="arguments">Its arguments, passed on as they are: no shell reads them.</param>
    /// <param name="environment">All its variables.</param>
    /// <param name="folder">The folder it starts in; the current one when <c>null</c>.</param>
    /// <exception cref="Win32Exception">There is no such program, or it may not be executed.</exception>
    public static ChildProcess Start(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, string? folder)
    {
        const int noSuchFile = 2;
        string start = Path.GetFullPath(folder ?? Directory.GetCurrentDirectory());
        string path = ProgramPath.Find(program, start, environment.GetValueOrDefault("PATH")) ?? throw new Win32Exception(noSuchFile);
        if (!Directory.Exists(start)) throw new Win32Exception(noSuchFile, $"there is no folder {start}");
        ProcessStartInfo info = SetSid is null ? new(path, arguments) : new(SetSid, [path, .. arguments]);
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        info.StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        info.WorkingDirectory = start;
        info.Environment.Clear();
        foreach ((string name, string? value) in environment) info.Environment[name] = value;
        var family = new ProcessFamily();
        family.Mark(info.Environment);
        Process process = Process.Start(info)!;
        return new ChildProcess(process, SetSid is null ? null : Guard(process.Id, family), family);
    }

    /// <summary>Waits for the program's own end; what it has started may still run.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>The exit code; <c>null</c> while the program runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Ends the program: closes its input, then asks, then forces; and ends whatever it has left behind.</summary>
    public Task EndAsync()
    {
        lock (_ending) return _end ??= Task.Run(() => StopAsync(polite: true));
    }

    /// <summary>Ends the program and all it has started at once.</summary>
    public Task KillAsync()
    {
        lock (_ending) return _end ??= Task.Run(() => StopAsync(polite: false));
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        _process.Dispose();
        _guard?.Dispose();
    }

    private static Process Guard(int id, ProcessFamily family)
    {
        var info = new ProcessStartInfo(SetSid!, ["/bin/sh", "-c", GuardScript, "agentkit-guard", $"{id}", family.Text])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/bin:/bin";
        return Process.Start(info)!;
    }

    private async Task StopAsync(bool polite)
    {
        if (polite)
        {
            CloseInput();
            if (!await EndsAsync().ConfigureAwait(false) && SetSid is not null)
            {
                UnixSignal.SendToGroup(_process.Id, UnixSignal.Terminate);
                await EndsAsync().ConfigureAwait(false);
            }
        }

        if (!_process.HasExited) KillTree();
        if (SetSid is not null) UnixSignal.SendToGroup(_process.Id, UnixSignal.Kill);
        _family.End();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        EndGuard();
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // What was still to be written has no reader any more.
            return;
        }
    }

    private async Task<bool> EndsAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void KillTree()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself, or a part of the tree belongs to somebody else.
            return;
        }
    }

    /// <summary>The guard goes before the group's number can belong to others.</summary>
    private void EndGuard()
    {
        try
        {
            _guard?.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Somebody has ended it already.
            return;
        }
    }
}
