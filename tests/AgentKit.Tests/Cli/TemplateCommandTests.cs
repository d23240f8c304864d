using System.Text.Json;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Cli;

public sealed class TemplateCommandTests : IDisposable
{
    private const string Hello = """[{"role": "user", "content": "Hello <|im_end|>"}]""";

    private const string Thinking = "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.reasoning_content %}<think>\n{{ m.reasoning_content }}\n</think>"
        + "\n\n{% endif %}{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}";

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Render_ModelFile_UsesItsTemplateAndTokens()
    {
        string model = TestModel.Create(_scratch["model.gguf"]);
        CliRun run = await CliRun.OfAsync("model", "render", model, "--messages", _scratch.Write("m.json", Hello));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("<|im_start|>user\nHello <|im_end|><|im_end|>\n<|im_start|>assistant\n", run.Out);
    }

    [Fact]
    public async Task Render_Json_HasTheText()
    {
        CliRun run = await RenderAsync("{{ messages[0].content }}\n\n", Hello, "--json");
        Assert.Equal("Hello <|im_end|>\n", JsonDocument.Parse(run.Out).RootElement.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("{{ bos_token is defined }} {{ tools is none }} {{ add_generation_prompt }}", "False True True")]
    [InlineData("{{ bos_token }}|{{ n + 1 }}|{{ s }}|{{ d.a[1] }}", "<s>|3|x=y|2.5", "--var", "bos_token=\"<s>\"", "--var", "n=2", "--var",
        "s=\"x=y\"", "--var", "d={\"a\": [1, 2.5]}")]
    [InlineData("{{ strftime_now('%Y-%m-%d %H:%M:%S') }}", "2026-01-15 12:34:56", "--now", "2026-01-15T12:34:56")]
    [InlineData("{{ strftime_now('%H:%M') }}", "23:30", "--now", "2026-01-15T23:30:00+05:30")]
    [InlineData("{{ add_generation_prompt }}", "False", "--no-generation-prompt")]
    public async Task Render_Options_ReachTheTemplate(string template, string expected, params string[] options)
    {
        CliRun run = await RenderAsync(template, Hello, options);
        Assert.Equal((0, expected), (run.ExitCode, run.Out));
    }

    [Fact]
    public async Task Render_DuplicateKey_TheLastOneCounts()
    {
        CliRun run = await RenderAsync("{{ messages[0].content }}", """[{"content": "a", "role": "user", "content": "b"}]""");
        Assert.Equal("b", run.Out);
    }

    [Theory]
    [InlineData("a\n{{ messages[0].nothing.x }}", "line 2")]
    [InlineData("a\nb\n{% if %}", "line 3")]
    [InlineData("{{ raise_exception('roles must alternate') }}", "roles must alternate")]
    public async Task Render_FailingTemplate_EndsWithOneAndNamesTheLine(string template, string expected)
    {
        CliRun run = await RenderAsync(template, Hello);
        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{\"role\": \"user\",\n \"content\": }]", "m.json, line 2")]
    [InlineData("{\"role\": \"user\"}", "m.json holds an object; an array of messages is expected")]
    [InlineData("[{\"role\": \"user\"}, \"x\"]", "messages[1] is a string; an object is expected")]
    [InlineData("[{\"content\": \"\\ud800\"}]", "$[0].content is not Unicode text")]
    [InlineData("", "m.json, line 1")]
    public async Task Render_BadMessages_EndsWithTwoAndNamesThePlace(string messages, string expected)
    {
        CliRun run = await RenderAsync("x", messages);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains("--messages", run.Error, StringComparison.Ordinal);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--var", "x")]
    [InlineData("--var", "bos_token=<s>")]
    [InlineData("--now", "yesterday")]
    [InlineData("--tools", "missing.json")]
    public async Task Render_BadOption_EndsWithTwoAndNamesIt(string option, string value)
    {
        CliRun run = await RenderAsync("x", Hello, option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"error: {option}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ModelWithoutTemplate_SaysSo()
    {
        string model = _scratch["plain.gguf"];
        new AgentKit.Models.Gguf.GgufWriter().Set("general.architecture", "llama").Write(model);
        CliRun run = await CliRun.OfAsync("model", "render", model, "--messages", _scratch.Write("m.json", Hello));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("has no chat template", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I looked.</think>\n\nIt is 3.<|im_end|>\n", "It is 3.", "I looked.")]
    [InlineData("<think>\nI looked.\n</think>\n\nIt is 3.", "It is 3.", "I looked.")]
    [InlineData("<|im_start|>assistant\n<think>\nI looked.\n</think>\n\nIt is 3.<|im_end|>", "It is 3.", "I looked.")]
    [InlineData("It is 3.<|im_end|>", "It is 3.", "")]
    [InlineData("<think>\nI looked", "", "I looked")]
    [InlineData("", "", "")]
    public async Task Parse_ForcedOpenReasoning_TellsAnswerFromReasoning(string text, string content, string reasoning)
    {
        JsonElement message = await ParseAsync(Thinking, text);
        Assert.Equal(content, message.GetProperty("content").GetString());
        Assert.Equal(reasoning, message.GetProperty("reasoning").GetString());
        Assert.Empty(message.GetProperty("tool_calls").EnumerateArray());
    }

    [Fact]
    public async Task Parse_PromptThatOpensReasoning_MakesUnclosedTextReasoning()
    {
        JsonElement message = await ParseAsync(Thinking, "I loo", "--prompt", _scratch.Write("p.txt", "<|im_start|>assistant\n<think>\n"));
        Assert.Equal(("", "I loo"), (message.GetProperty("content").GetString(), message.GetProperty("reasoning").GetString()));
    }

    [Theory]
    [InlineData("t.jinja", "missing.txt", "--text: missing.txt cannot be read")]
    [InlineData("missing.jinja", "t.jinja", "FILE: ")]
    public async Task Parse_MissingFile_EndsWithTwoAndNamesIt(string template, string text, string expected)
    {
        _scratch.Write("t.jinja", "x");
        string Found(string name) => File.Exists(_scratch[name]) ? _scratch[name] : name;
        CliRun run = await CliRun.OfAsync("model", "parse", Found(template), "--text", Found(text));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private async Task<JsonElement> ParseAsync(string template, string text, params string[] options)
    {
        CliRun run = await CliRun.OfAsync(
            ["model", "parse", _scratch.Write("t.jinja", template), "--text", _scratch.Write("o.txt", text), "--json", .. options]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonDocument.Parse(run.Out).RootElement;
    }

    private Task<CliRun> RenderAsync(string template, string messages, params string[] options) => CliRun.OfAsync(
        ["model", "render", _scratch.Write("t.jinja", template), "--messages", _scratch.Write("m.json", messages), .. options]);
}
