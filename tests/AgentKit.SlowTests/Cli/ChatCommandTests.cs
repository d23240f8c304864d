using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

public sealed class ChatCommandTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Write(string name, string text)
    {
        string path = Path.Combine(_cli.Home, name);
        File.WriteAllText(path, text);
        return path;
    }

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

    [Fact]
    public async Task Chat_WithSchema_AnswersWithAValueThatFits()
    {
        string schema = Write("schema.json", """{"type":"object","properties":{"word":{"enum":["mint","tea"]},"n":{"type":"integer","minimum":3,"maximum":5}},"required":["word","n"]}""");
        (int exitCode, string output, _) = await _cli.RunAsync(null, "chat", "-p", "Name a word", "--schema", schema);
        JsonElement value = JsonDocument.Parse(output).RootElement;
        Assert.Equal(0, exitCode);
        Assert.Contains(value.GetProperty("word").GetString(), (string[])["mint", "tea"]);
        Assert.InRange(value.GetProperty("n").GetInt32(), 3, 5);
    }

    [Theory]
    [InlineData("{\n\"type\": ", "line 2")]
    [InlineData("""{"type": "nothing"}""", "type")]
    public async Task Chat_WithBadSchema_IsRefusedBeforeAnythingRuns(string schema, string named)
    {
        (int exitCode, string output, string error) = await _cli.RunAsync(null, "chat", "-p", "Hello", "--schema", Write("bad.json", schema));
        Assert.Equal((2, ""), (exitCode, output.Trim()));
        Assert.Contains("bad.json", error, StringComparison.Ordinal);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }
}
