using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

public sealed class ChatCommandTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Chat_OnePrompt_PrintsTheAnswerOnly()
    {
        (int exitCode, string output, _) = await _cli.RunAsync(null, "chat", "-p", "Repeat: hello");
        Assert.Equal((0, "hello"), (exitCode, output.Trim()));
    }

    [Fact]
    public async Task Chat_PipedInput_IsThePrompt()
    {
        (int exitCode, string output, _) = await _cli.RunAsync("Repeat: hello\n", "chat");
        Assert.Equal((0, "hello"), (exitCode, output.Trim()));
    }

    [Fact]
    public async Task Chat_WithJson_GivesTextReasonAndUsage()
    {
        (int exitCode, JsonElement answer, _) = await _cli.RunJsonAsync("chat", "-p", "Repeat: hello", "--system", "You are a helpful assistant.");
        Assert.Equal(0, exitCode);
        Assert.Equal("hello", answer.GetProperty("text").GetString());
        Assert.Equal("stop", answer.GetProperty("finish_reason").GetString());
        Assert.All(["input_tokens", "output_tokens"], name => Assert.True(answer.GetProperty("usage").GetProperty(name).GetInt64() > 0));
    }

    [Fact]
    public async Task Chat_PromptBeyondTheContext_IsRefusedNotCut()
    {
        string tooLong = string.Join(' ', Enumerable.Repeat("word", 3000));
        (int exitCode, string output, string error) = await _cli.RunAsync(null, "chat", "-p", tooLong);
        Assert.Equal((2, ""), (exitCode, output.Trim()));
        Assert.Contains("1024", error.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
