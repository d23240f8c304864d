using System.Diagnostics;
using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Tasks.Code;

/// <summary>
/// Runs Python programs that a model wrote, on Linux: a process in namespaces of its own without network, with read-only files but for a
/// small folder in memory, and limits on time, memory, output. It can read what this account can read; run it as an account without
/// secrets.
/// </summary>
public sealed class CodeSandbox
{
    private const string Passed = "agentkit-passed-7d1c";
    private const int NoSandbox = 97;
    private const int MostKept = 4096;

    // What a program prints is nobody's business; its last line says on a channel of its own that it was reached.
    // Each mount is made read-only where the kernel lets us; the folder in memory hides the directory of the caller.
    private const string Setup =
        """
        for m in $(cut -d' ' -f5 /proc/self/mountinfo); do mount -o remount,bind,ro "$m" 2>/dev/null; done
        mount -t tmpfs -o size=64m,mode=700 tmpfs "$1" || exit 97
        mount -t tmpfs -o size=16m tmpfs /dev/shm 2>/dev/null
        cd "$1" && cat > program.py || exit 97
        exec prlimit $5 --as="$3" --cpu="$4" --fsize=16777216 --core=0 --nofile=64 "$2" -I program.py </dev/null 3>&1 1>/dev/null
        """;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    // Older kernels count all processes of the account, not those of the sandbox.
    private static readonly Version CountsBySandbox = new(5, 14);

    private readonly CodeSandboxOptions _options;
    private readonly TimeProvider _time;
    private readonly string _python;

    private CodeSandbox(CodeSandboxOptions options, TimeProvider time, string python)
    {
        _options = options;
        _time = time;
        _python = python;
    }

    /// <summary>Finds what the sandbox needs and tries it.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="time">Measures the time limit.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UserInputException">This machine has no Python, or cannot keep a process from network and files.</exception>
    public static async Task<CodeSandbox> OpenAsync(
        CodeSandboxOptions? options = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        if (!OperatingSystem.IsLinux()) throw Missing("it is made of Linux namespaces");
        string python = await FindPythonAsync(options.Python, cancellationToken).ConfigureAwait(false);
        var sandbox = new CodeSandbox(options, time ?? TimeProvider.System, python);
        CodeResult trial = await sandbox.RunAsync("pass", cancellationToken).ConfigureAwait(false);
        return trial.Passed ? sandbox : throw Missing($"a trial failed: {trial.Reason}");
    }

    /// <summary>Runs a program. It passes when it comes to its end without an exception.</summary>
    /// <param name="program">Python.</param>
    /// <param name="cancellationToken">Cancels; the process is killed.</param>
    /// <exception cref="UserInputException">The sandbox could not be set up; the program was not run.</exception>
    public async Task<CodeResult> RunAsync(string program, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(program);
        DirectoryInfo folder = System.IO.Directory.CreateTempSubdirectory("agentkit-code-");
        using var limit = new CancellationTokenSource(_options.Time, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using Process process = Start(folder.FullName);
            try
            {
                Task<string> output = TailAsync(
                    process.StandardOutput, either.Token), error = TailAsync(process.StandardError, either.Token);
                await FeedAsync(process, program, either.Token).ConfigureAwait(false);
                string? excess = await WatchAsync(process, either.Token).ConfigureAwait(false);
                CodeResult result = Result(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
                return excess is null ? result : new(false, excess);
            }
            finally
            {
                // With its first process the kernel ends all others of the namespace.
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, "timed out");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Waits for the end of a process; brings it about when the program and what it started take too much.</summary>
    /// <returns>What was too much.</returns>
    private async Task<string?> WatchAsync(Process process, CancellationToken cancellationToken)
    {
        Task end = process.WaitForExitAsync(cancellationToken);
        string? excess = null;
        while (await Task.WhenAny(end, Task.Delay(BetweenLooks, _time, cancellationToken)).ConfigureAwait(false) != end && excess is null)
        {
            (int threads, long bytes) = ProcessTree.Measure(process.Id);
            if (threads > _options.Threads) excess = $"more than {_options.Threads} threads or processes";
            else if (bytes > _options.MemoryBytes) excess = $"more than {_options.MemoryBytes >> 20} MiB of memory in all processes together";
            if (excess is not null) process.Kill(entireProcessTree: true);
        }

        await end.ConfigureAwait(false);
        return excess;
    }

    private static CodeResult Result(int exitCode, string output, string error)
    {
        if (exitCode == NoSandbox) throw Missing(error.Trim());
        if (exitCode == 0 && output.EndsWith(Passed, StringComparison.Ordinal)) return new(true, "passed");
        string[] lines = error.Trim().Split('\n');
        return new(false, lines[^1] is { Length: > 0 } last ? last : $"ended with exit code {exitCode} before its last line");
    }

    private Process Start(string folder)
    {
        ProcessStartInfo start = new("unshare")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (ReadOnlySpan<string>)["--user", "--map-root-user", "--net", "--ipc", "--pid", "--mount", "--fork",
            "--kill-child", "sh", "-c", Setup, "sh"])
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(_python);
        start.ArgumentList.Add(_options.MemoryBytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
        start.ArgumentList.Add(Math.Ceiling(_options.Time.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));
        start.ArgumentList.Add(Environment.OSVersion.Version >= CountsBySandbox
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--nproc={_options.Threads}") : "--core=0");
        string path = start.Environment["PATH"] ?? "/usr/bin:/bin";
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        // Numeric libraries would start a thread for each core.
        start.Environment["OMP_NUM_THREADS"] = "1";
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Missing($"the program 'unshare' (util-linux) cannot be started: {e.Message}");
        }
    }

    private static async Task FeedAsync(Process process, string program, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync($"{program}\n__import__('os').write(3, b'{Passed}')\n".AsMemory(), cancellationToken)
                .ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended before it read all; its exit code tells why.
        }
    }

    /// <summary>The end of what a program prints; it may print for as long as its time lasts.</summary>
    private static async Task<string> TailAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var tail = new StringBuilder();
        char[] buffer = new char[MostKept];
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            tail.Append(buffer, 0, read);
            if (tail.Length > 2 * MostKept) tail.Remove(0, tail.Length - MostKept);
        }

        return tail.ToString();
    }

    /// <summary>Where the interpreter really is: what lies on the path may be a script that needs more of the environment.</summary>
    private static async Task<string> FindPythonAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(name, ["-c", "import sys; print(sys.executable)"]) { RedirectStandardOutput = true })!;
            string path = (await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).Trim();
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return File.Exists(path) ? path : throw Missing($"'{name}' is no Python interpreter");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Missing($"'{name}' cannot be started: {e.Message}");
        }
    }

    private static UserInputException Missing(string reason) =>
        new("--run-code", $"--run-code: there is no sandbox for code here ({reason}); it needs Linux, Python 3 and util-linux.");
}
