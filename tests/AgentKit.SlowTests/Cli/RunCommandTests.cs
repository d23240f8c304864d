using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

public sealed class RunCommandTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Run_QuestionForATool_AnswersAndLeavesTheSameJournal()
    {
        (int exitCode, JsonElement run, _) = await _cli.RunJsonAsync("run", "What is 347 plus 518?");
        Assert.Equal(0, exitCode);
        Assert.Equal("completed", run.GetProperty("status").GetString());
        Assert.Equal("347 + 518 = 865.", run.GetProperty("answer").GetString());
        Assert.Equal(["model", "tool", "model"], run.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("kind").GetString()!));
        JsonElement call = run.GetProperty("steps")[1];
        Assert.Equal("calculator", call.GetProperty("name").GetString());
        Assert.Equal("865", call.GetProperty("result").GetString());
        Assert.Equal(0, run.GetProperty("citations").GetArrayLength());
        Assert.True(run.GetProperty("usage").GetProperty("input_tokens").GetInt64() > 0);
        Assert.True(run.GetProperty("usage").GetProperty("output_tokens").GetInt64() > 0);

        string id = run.GetProperty("run_id").GetString()!;
        (_, JsonElement shown, _) = await _cli.RunJsonAsync("runs", "show", id);
        Assert.True(JsonElement.DeepEquals(run, shown), $"{run}\n{shown}");
        (_, JsonElement listed, _) = await _cli.RunJsonAsync("runs", "list");
        JsonElement line = Assert.Single(listed.GetProperty("runs").EnumerateArray());
        Assert.Equal((id, "completed", 3), (line.GetProperty("run_id").GetString()!, line.GetProperty("status").GetString()!, line.GetProperty("steps").GetInt32()));
    }

    [Fact]
    public async Task Run_OutputPiped_AnswerOnStandardOutputAndStepsOnStandardError()
    {
        await File.WriteAllTextAsync(Path.Combine(_cli.Folder, "notes.txt"), "The budget is done.");
        (int exitCode, string output, string error) = await _cli.RunAsync(null, "run", "Which files mention budget?", "--root", _cli.Folder);
        Assert.Equal(0, exitCode);
        Assert.Equal("Found in notes.txt.", output.Trim());
        Assert.Contains("search_files {\"query\":\"budget\"} -> notes.txt", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Quiet_PrintsTheAnswerOnly()
    {
        (int exitCode, string output, string error) = await _cli.RunAsync(null, "run", "What is 12 times 3?", "--quiet");
        Assert.Equal((0, "12 * 3 = 36.", ""), (exitCode, output.Trim(), error));
    }

    [Fact]
    public async Task Run_StepLimitReached_FailsWithTheReason()
    {
        (int exitCode, JsonElement run, string error) = await _cli.RunJsonAsync("run", "What is 347 plus 518?", "--max-steps", "1");
        Assert.Equal(1, exitCode);
        Assert.Equal("failed", run.GetProperty("status").GetString());
        Assert.Contains(run.GetProperty("run_id").GetString()!, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tools", "run", "hello", "--tools", "no-such-program --x")]
    [InlineData("--root", "run", "hello", "--root", "no-such-folder")]
    [InlineData("--model", "run", "hello", "-m", "no-such.gguf")]
    [InlineData("--server", "mcp", "tools", "--server", "no-such-program")]
    public async Task AnyCommand_WrongInput_ExitsWithTwoAndNamesTheOption(string option, params string[] args)
    {
        (int exitCode, string output, string error) = await _cli.RunAsync(null, args);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"error: {option}", error, StringComparison.Ordinal);
    }
}
