using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Server.Offers;
using AgentKit.Testing;
using AgentKit.Tools.Mcp;

namespace AgentKit.Tests.Server.Offers;

public class PromptFileTests
{
    private const string Review = """
        ---
        title: Review
        description: Reviews a file.
        argument path: The file.
        argument focus?: What to look at.
        choices focus: speed, safety
        ---
        Please review {{path}}. {{ focus }}
        """;

    [Fact]
    public async Task Get_WithArguments_FillsThemInOnce()
    {
        using var scratch = new ScratchFolder();
        await using ServerUnderTest server = await StartAsync(scratch, Review);
        var parameters = new JsonObject { ["name"] = "review", ["arguments"] = new JsonObject { ["path"] = "{{focus}}.cs", ["focus"] = "safety" } };

        (_, JsonElement reply) = await server.SendAsync(ServerUnderTest.Post("prompts/get", parameters, "review"));

        Assert.Equal("Please review {{focus}}.cs. safety", reply.GetProperty("result").GetProperty("messages")[0].GetProperty("content").GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("{}", "missing required argument 'path'")]
    [InlineData("""{"path":"a","more":"b"}""", "unknown argument 'more'")]
    public async Task Get_WithWrongArguments_IsRefused(string arguments, string expected)
    {
        using var scratch = new ScratchFolder();
        await using ServerUnderTest server = await StartAsync(scratch, Review);
        var parameters = new JsonObject { ["name"] = "review", ["arguments"] = JsonNode.Parse(arguments) };

        (_, JsonElement reply) = await server.SendAsync(ServerUnderTest.Post("prompts/get", parameters, "review"));

        Assert.Contains(expected, reply.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_AfterAFileWasAdded_HasIt()
    {
        using var scratch = new ScratchFolder();
        await using ServerUnderTest server = await StartAsync(scratch, Review);
        scratch.Write("another.md", "Say hello.");

        (_, JsonElement reply) = await server.SendAsync(ServerUnderTest.Post("prompts/list"));

        JsonElement[] prompts = [.. reply.GetProperty("result").GetProperty("prompts").EnumerateArray()];
        Assert.Equal(["another", "review"], prompts.Select(prompt => prompt.GetProperty("name").GetString()));
        Assert.Equal([true, false], prompts[1].GetProperty("arguments").EnumerateArray().Select(argument => argument.GetProperty("required").GetBoolean()));
    }

    [Fact]
    public async Task Complete_OfAChoice_GivesThoseThatFit()
    {
        using var scratch = new ScratchFolder();
        await using ServerUnderTest server = await StartAsync(scratch, Review);
        var asked = new JsonObject
        {
            ["ref"] = new JsonObject { ["type"] = "ref/prompt", ["name"] = "review" },
            ["argument"] = new JsonObject { ["name"] = "focus", ["value"] = "SA" },
        };

        (_, JsonElement reply) = await server.SendAsync(ServerUnderTest.Post("completion/complete", asked));

        Assert.Equal(["safety"], reply.GetProperty("result").GetProperty("completion").GetProperty("values").EnumerateArray().Select(value => value.GetString()!));
    }

    [Theory]
    [InlineData("---\ntitle: x\ntext", "no --- at its end")]
    [InlineData("---\nauthor: x\n---\ntext", "line 2")]
    [InlineData("---\nargument a: x\nargument a: y\n---\n{{a}}", "line 3")]
    [InlineData("---\nchoices a: x\n---\ntext", "line 2")]
    [InlineData("Hello {{name}}", "argument name")]
    public void Read_OfAFileThatIsNoPrompt_NamesFileAndLine(string text, string expected)
    {
        using var scratch = new ScratchFolder();
        scratch.Write("bad.md", text);

        string message = Assert.Throws<UserInputException>(() => new PromptFiles(scratch.Path)).Message;

        Assert.Contains("bad.md", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_WithAFileThatIsJustBeingWritten_HasTheOthers()
    {
        using var scratch = new ScratchFolder();
        scratch.Write("good.md", "Hello.");
        var prompts = new PromptFiles(scratch.Path);
        scratch.Write("half.md", "---\ntitle: x\n");
        scratch.Write(".#good.md", "an editor's lock");

        Assert.Equal(["good"], (await prompts.ListAsync(CancellationToken.None)).Select(prompt => prompt.Name));
    }

    private static Task<ServerUnderTest> StartAsync(ScratchFolder scratch, string review)
    {
        scratch.Write("review.md", review);
        return ServerUnderTest.StartAsync(
            new McpToolServer([ServerUnderTest.Echo], new McpToolServerOptions { Prompts = [new PromptFiles(scratch.Path)] }));
    }
}
