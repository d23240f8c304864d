using System.Text.Json;
using AgentKit.Eval;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Code;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Eval;

public class CodeSandboxTests
{
    // On a busy machine a program that is right must not run out of time.
    private static readonly CodeSandboxOptions Options = new() { Time = TimeSpan.FromSeconds(8) };

    [SandboxFact]
    public async Task RunAsync_PublishedHumanEvalSamples_GivesThePublishedPassAtOne()
    {
        string? problem = EvalData.PathOf("humaneval/example_problem.jsonl");
        if (problem is null) return;
        using var folder = new ScratchFolder();
        folder.Write("humaneval/HumanEval.jsonl", File.ReadAllBytes(problem));
        IReadOnlyList<string> completions = [.. EvalData.Lines("humaneval/example_samples.jsonl").Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("completion").GetString()!)];
        var task = (CodeTask)TaskCatalog.Find("humaneval");
        var subject = new AnswersSubject("example", new Dictionary<string, IReadOnlyList<string>> { ["test/0"] = completions });
        EvalResult result = await new EvalRun(subject, new() { RunCode = true, Parallel = 6 }).RunAsync([task], TaskData.Directory(folder.Path), folder["run"]);
        Assert.Equal(6, result.Tasks[0].N);
        Assert.Equal("pass@1", result.Tasks[0].Metric);
        Assert.Equal(0.5, result.Tasks[0].Value, 12);
    }

    [SandboxFact]
    public async Task RunAsync_OwnSamples_RightCodePassesAndWrongCodeFails()
    {
        using var folder = new ScratchFolder();
        Dictionary<string, IReadOnlyList<string>> answers = new()
        {
            ["own/0"] = ["    return 2 * x\n", "Here it is:\n```python\ndef double(x):\n    return x + x\n```\nDone.", "    return x * x\n"],
            ["own/1"] = ["    return sorted(words, key=len)[-1]\n", "    return max(words, key=len)\n", "    return words[0\n"],
            ["1"] = ["def count_vowels(text):\n    return sum(c in 'aeiou' for c in text)"],
            ["2"] = ["def reverse(items):\n    return items"],
        };
        EvalResult result = await new EvalRun(new AnswersSubject("own", answers), new() { RunCode = true, Parallel = 4 })
            .RunAsync([TaskCatalog.Find("humaneval"), TaskCatalog.Find("mbpp")], TaskData.Samples, folder["run"]);
        Assert.Equal((2 / 3.0 + 1 / 3.0) / 2, result.Tasks[0].Value, 12);
        Assert.Equal(0.5, result.Tasks[1].Value, 12);
    }

    [SandboxFact]
    public async Task RunAsync_AProgramThatReachesOut_IsStopped()
    {
        CodeSandbox sandbox = await CodeSandbox.OpenAsync(Options);
        string outside = Path.Combine(Path.GetTempPath(), "agentkit-sandbox-escape");
        (string Program, string Reason)[] programs =
        [
            ("import socket\nsocket.create_connection(('192.0.2.1', 80), 2)", "unreachable"),
            ($"open('{outside}', 'w')", "Read-only"),
            ("x = bytearray(4 << 30)", "MemoryError"),
            ("open('big', 'wb').write(b'x' * (40 << 20))", "File too large"),
            ("raise SystemExit(0)", "before its last line"),
            ("import os\nos._exit(0)", "before its last line"),
            ("assert 1 == 2, 'no'", "AssertionError: no"),
            ("def f(:", "SyntaxError"),
        ];
        foreach ((string program, string reason) in programs)
        {
            CodeResult result = await sandbox.RunAsync(program);
            Assert.False(result.Passed, program);
            Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(outside));
        Assert.True((await sandbox.RunAsync("open('own', 'w').write('x')\nassert open('own').read() == 'x'")).Passed);
    }

    [SandboxFact]
    public async Task RunAsync_AProgramThatPrints_PassesWhenItComesToItsEnd()
    {
        CodeSandbox sandbox = await CodeSandbox.OpenAsync(Options);
        string[] programs =
        [
            "print('hello')",
            "for i in range(100_000): print(i)",
            "import atexit\natexit.register(print, 'bye')",
            "import sys\nsys.stdout.write('x' * 9000)\nsys.stdout = None",
            "import sys\nsys.stdout.close()",
        ];
        foreach (string program in programs) Assert.Equal("passed", (await sandbox.RunAsync(program)).Reason);
        Assert.False((await sandbox.RunAsync("print('hello')\nassert False")).Passed);
    }

    [SandboxFact]
    public async Task RunAsync_AProgramThatForks_IsHeldToTheLimitsTogetherWithItsChildren()
    {
        CodeSandbox sandbox = await CodeSandbox.OpenAsync(new() { Time = TimeSpan.FromSeconds(20), MemoryBytes = 256L << 20 });
        string Fork(int children, string each) =>
            $"import os, time\nfor i in range({children}):\n    if os.fork() == 0:\n        {each}\n        time.sleep(60)\n        os._exit(0)\n";
        // The kernel refuses the children of an ordinary account; root's are counted from outside.
        Assert.Matches("more than 64 threads|Resource temporarily unavailable", (await sandbox.RunAsync(Fork(100, "pass") + "time.sleep(60)")).Reason);
        Assert.Contains("memory in all processes together", (await sandbox.RunAsync(Fork(4, "x = bytearray(100 << 20)") + "time.sleep(60)")).Reason, StringComparison.Ordinal);
        Assert.Equal("passed", (await sandbox.RunAsync(Fork(8, "os._exit(0)") + "for i in range(8): os.wait()")).Reason);
    }

    [SandboxFact]
    public async Task RunAsync_AProgramThatDoesNotEnd_IsKilledWithItsChildren()
    {
        CodeSandbox sandbox = await CodeSandbox.OpenAsync(new() { Time = TimeSpan.FromSeconds(4) });
        Assert.Equal("timed out", (await sandbox.RunAsync("import os, time\nos.fork()\ntime.sleep(60)")).Reason);
        Assert.False((await sandbox.RunAsync("while True: pass")).Passed);
        Assert.False((await sandbox.RunAsync("while True: print('x' * 1000)")).Passed);
    }
}
