using System.Text.Json;
using AgentKit.Agents;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Agents;

public class ToolResultsTests
{
    public static TheoryData<object?, string> Values => new()
    {
        { null, "Done." },
        { "as \"it\" is", "as \"it\" is" },
        { new TextContent("text"), "text" },
        { new AIContent[] { new TextContent("one"), new TextContent("two") }, "one\ntwo" },
        { JsonSerializer.SerializeToElement("string"), "string" },
        { JsonDocument.Parse("""{ "a" : [ 1, null, "½" ] }""").RootElement, """{"a":[1,null,"½"]}""" },
        { 5, "5" },
        { new DataContent(new byte[] { 1, 2, 3 }, "image/png"), "[image/png, 3 bytes; not shown as text]" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void ToText_Value_IsWhatTheModelReads(object? value, string text) => Assert.Equal(text, ToolResults.ToText(value));
}
