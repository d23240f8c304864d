using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.BuiltIn;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Tools.BuiltIn;

public class BuiltInToolsTests
{
    private static IReadOnlyList<AIFunction> Create() => BuiltInTools.Create(new BuiltInToolsOptions { Root = "." });

    [Theory]
    [InlineData("calculator", "Evaluate an arithmetic expression.", "expression")]
    [InlineData("clock", "Get the current date and time.", null)]
    [InlineData("list_files", "List the files in a folder.", "path")]
    [InlineData("read_file", "Read a text file.", "path")]
    [InlineData("search_files", "Find files that contain a text.", "query")]
    public void Create_EachTool_IsDeclaredAsTheModelWasTrained(string name, string description, string? parameter)
    {
        var tool = Create().Single(t => t.Name == name);

        Assert.Equal(description, tool.Description);
        Assert.Equal(
            parameter is null
                ? """{"type":"object","properties":{}}"""
                : $$$"""{"type":"object","properties":{"{{{parameter}}}":{"type":"string"}},"required":["{{{parameter}}}"]}""",
            JsonSerializer.Serialize(tool.JsonSchema));
    }

    [Theory]
    [InlineData("calculator", ToolReplay.Pure, SideEffect.None)]
    [InlineData("clock", ToolReplay.Idempotent, SideEffect.LocalRead)]
    [InlineData("read_file", ToolReplay.Idempotent, SideEffect.LocalRead)]
    public void Create_EachTool_DeclaresItsContract(string name, ToolReplay replay, SideEffect effect) =>
        Assert.Equal(new ToolContract(replay, effect), ToolContract.Of(Create().Single(t => t.Name == name)));

    [Fact]
    public void Create_WithoutRoot_LeavesFileToolsOut() =>
        Assert.Equal(["calculator", "clock"], BuiltInTools.Create(new BuiltInToolsOptions()).Select(t => t.Name));

    [Fact]
    public void Create_MissingRoot_NamesTheOption()
    {
        var fault = Assert.Throws<UserInputException>(() => BuiltInTools.Create(new BuiltInToolsOptions { Root = "no/such/folder" }));

        Assert.Equal("--root", fault.Field);
        Assert.Contains("no/such/folder", fault.Message);
    }

    [Fact]
    public async Task Clock_ReadsTimeAndZoneOfTheProvider()
    {
        var clock = BuiltInTools.Create(new BuiltInToolsOptions { TimeProvider = new FixedTime() })[1];

        Assert.Equal("2025-06-02 14:30", await clock.InvokeAsync());
    }

    [Fact]
    public async Task Invoke_JsonArguments_AreRead()
    {
        var arguments = new AIFunctionArguments { ["expression"] = JsonElement.Parse("\"2 + 2\"") };

        Assert.Equal("4", await Create()[0].InvokeAsync(arguments));
    }

    [Fact]
    public async Task Invoke_MissingArgument_NamesIt()
    {
        var fault = await Assert.ThrowsAsync<ToolException>(async () => await Create()[0].InvokeAsync([]));

        Assert.Equal("missing required argument 'expression', expected a string", fault.Message);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } =
            TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test");

        public override DateTimeOffset GetUtcNow() => new(2025, 6, 2, 12, 30, 59, TimeSpan.Zero);
    }
}
