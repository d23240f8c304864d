using System.Diagnostics;
using AgentKit.Testing;

namespace AgentKit.Bench;

/// <summary>
/// How long an IDE waits for <c>agentkit mcp serve</c>: from the start of the published program to its first answer, from the end of its input
/// to its exit, and whether it stays behind when the IDE is killed.
/// </summary>
internal static class McpStartBenchmark
{
    private const int Times = 10;

    private const string Discover =
        """{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";

    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}""";

    public static async Task RunAsync()
    {
        string program = await PublishAsync();
        BenchReport.PrintHeader("first message", "start to first answer, ms, best of 10", "median", "input closed to exit, ms, best of 10", "median");
        foreach ((string name, string message) in ((string, string)[])[("initialize", Initialize), ("server/discover", Discover)])
        {
            (double Start, double Exit)[] runs = new (double, double)[Times];
            for (int i = 0; i < Times; i++) runs[i] = await MeasureAsync(program, message);
            BenchReport.PrintRow(
                name,
                $"{runs.Min(run => run.Start):0}",
                $"{BenchReport.Median(runs.Select(run => run.Start)):0}",
                $"{runs.Min(run => run.Exit):0}",
                $"{BenchReport.Median(runs.Select(run => run.Exit)):0}");
        }

        Console.WriteLine();
        Console.WriteLine($"After SIGKILL of the process that started it, the server was gone after {await OrphanAsync(program):0} ms.");
    }

    private static async Task<string> PublishAsync()
    {
        string output = Repository.PathOf("artifacts", "bench", "agentkit");
        using Process publish = Process.Start(
            "dotnet",
            ["publish", Repository.PathOf("src", "Cli"), "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-p:PublishReadyToRun=true", "-o", output, "-v", "q", "--nologo"]);
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? Path.Combine(output, "agentkit") : throw new InvalidOperationException("The program could not be published.");
    }

    private static async Task<(double Start, double Exit)> MeasureAsync(string program, string message)
    {
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(program, ["mcp", "serve", "--quiet"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteLineAsync(message);
        await process.StandardInput.FlushAsync();
        string answer = await process.StandardOutput.ReadLineAsync() ?? "";
        double start = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        if (!answer.Contains("\"result\"", StringComparison.Ordinal)) throw new InvalidOperationException($"No answer: {answer}{await process.StandardError.ReadToEndAsync()}");
        long closed = Stopwatch.GetTimestamp();
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (start, Stopwatch.GetElapsedTime(closed).TotalMilliseconds);
    }

    /// <summary>A shell starts the server as an IDE does, holding both ends of its pipes, and is killed.</summary>
    private static async Task<double> OrphanAsync(string program)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"coproc S {{ exec '{program}' mcp serve --quiet; }}; echo $S_PID; read x"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        string server = $"/proc/{(await shell.StandardOutput.ReadLineAsync())!.Trim()}/status";
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        long killed = Stopwatch.GetTimestamp();
        shell.Kill();
        while (File.Exists(server) && !(await File.ReadAllTextAsync(server)).Contains("State:\tZ", StringComparison.Ordinal))
        {
            if (Stopwatch.GetElapsedTime(killed) > TimeSpan.FromSeconds(30)) throw new InvalidOperationException("The server stayed behind.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        return Stopwatch.GetElapsedTime(killed).TotalMilliseconds;
    }
}
