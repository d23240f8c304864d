using System.ComponentModel;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Processes;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn.Programs;

/// <summary>
/// Runs an allowed program in the folder, without a shell: arguments are passed on one by one, so no character in them means anything.
/// What it has started ends with it, at the latest when its time or its output is used up.
/// </summary>
internal sealed class RunProgramTool : SchemaTool
{
    /// <summary>What programs commonly need; secrets of this process are not among it.</summary>
    private static readonly string[] Variables =
        ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "SystemRoot", "TEMP", "TMP", "PATHEXT", "USERPROFILE", "DOTNET_ROOT"];

    /// <summary>How long what an ended program has written is waited for.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly string _folder;
    private readonly ProgramOptions _options;
    private readonly TimeProvider _time;
    private readonly string[][] _allowed;

    /// <param name="folder">The folder programs start in.</param>
    /// <param name="options">What may be run.</param>
    /// <param name="time">The clock of the time limit.</param>
    /// <exception cref="UserInputException">Nothing is allowed, or an entry is empty or names no program that is there.</exception>
    public RunProgramTool(string folder, ProgramOptions options, TimeProvider time)
        : base(
            "run_program",
            $"Run a program in the folder, without a shell. Allowed: {string.Join(", ", options.Allowed)}.",
            """
            {"type":"object","properties":{"program":{"type":"string"},"arguments":{"type":"array","items":{"type":"string"}}},"required":["program"]}
            """,
            new ToolContract(ToolReplay.Unsafe, SideEffect.Irreversible) { Approval = ApprovalAnswer.Ask })
    {
        (_folder, _options, _time) = (folder, options, time);
        _allowed = [.. options.Allowed.Select(entry => entry.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        if (_allowed.Length == 0) throw new UserInputException("programs", "no program is allowed to be run; name at least one");
        foreach (string[] entry in _allowed)
        {
            if (entry.Length == 0 || Find(entry[0]) is null)
                throw new UserInputException("programs", $"'{string.Join(' ', entry)}' cannot be allowed: there is no such program in PATH");
        }
    }

    protected override async ValueTask<string> RunAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string program = TextOf(arguments, "program");
        IReadOnlyList<string> words = TextsOf(arguments, "arguments");
        if (words.Append(program).Any(word => word.Contains('\0'))) throw new ToolException("a word contains a NUL character");
        if (!_allowed.Any(entry => Covers(entry, program, words)))
            throw new ToolException($"'{string.Join(' ', [program, .. words])}' is not allowed; allowed are: {string.Join(", ", _options.Allowed)}");
        try
        {
            await using ChildProcess process = ChildProcess.Start(Find(program)!, words, Environment(), _folder);
            return await RunAsync(process, program, cancellationToken);
        }
        catch (Win32Exception e)
        {
            throw new ToolException($"'{program}' cannot be started: {e.Message}", e);
        }
    }

    private static bool Covers(string[] entry, string program, IReadOnlyList<string> words) =>
        entry[0] == program && words.Count >= entry.Length - 1 && words.Take(entry.Length - 1).SequenceEqual(entry[1..]);

    private async Task<string> RunAsync(ChildProcess process, string program, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        process.Input.Close();
        var output = new CappedOutput(_options.MaxOutputBytes, process.Output);
        var errors = new CappedOutput(_options.MaxOutputBytes, process.Error);
        try
        {
            Task<int> exit = process.WaitAsync(either.Token);
            // Whoever inherited the outputs may keep them open after the program's end, so its end is what counts.
            Task<Task> first = Task.WhenAny(exit, output.Full, errors.Full);
            if (await first == exit) await exit;
        }
        catch (OperationCanceledException)
        {
            await process.KillAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ToolException($"'{program}' ran longer than {_options.Timeout.TotalSeconds:0.#} seconds and was ended.{Said(output, errors)}");
        }

        int? code = process.ExitCode;
        await process.KillAsync();
        // What escaped the end, in a session of its own, may hold the outputs open for as long as it likes.
        await Task.WhenAny(Task.WhenAll(output.Read, errors.Read), Task.Delay(LastWords, _time, cancellationToken));
        bool isFull = output.Full.IsCompleted || errors.Full.IsCompleted;
        if (isFull) throw new ToolException($"'{program}' wrote more than {_options.MaxOutputBytes} bytes and was ended.{Said(output, errors)}");
        return code == 0 ? Joined(output, errors) : throw new ToolException($"'{program}' ended with exit code {code}.{Said(output, errors)}");
    }

    private static string Said(CappedOutput output, CappedOutput errors) => Joined(output, errors) is { Length: > 0 } text ? $" It wrote:\n{text}" : "";

    private static string Joined(CappedOutput output, CappedOutput errors)
    {
        var text = new StringBuilder(output.Text);
        if (errors.Text.Length > 0) text.Append(text.Length > 0 && text[^1] != '\n' ? "\n" : "").Append("[standard error]\n").Append(errors.Text);
        return text.ToString();
    }

    private string? Find(string program) => ProgramPath.Find(program, _folder, System.Environment.GetEnvironmentVariable("PATH"));

    private static Dictionary<string, string?> Environment() => Variables
        .Select(name => (Name: name, Value: System.Environment.GetEnvironmentVariable(name)))
        .Where(variable => variable.Value is not null)
        .ToDictionary(variable => variable.Name, variable => variable.Value);
}
