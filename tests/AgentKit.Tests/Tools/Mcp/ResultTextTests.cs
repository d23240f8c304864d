using System.Text.Json;
using AgentKit.Tools.Mcp;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tests.Tools.Mcp;

public class ResultTextTests
{
    private static TextContentBlock Text(string text) => new() { Text = text };

    [Fact]
    public void Of_TextBlocks_AreJoined() =>
        Assert.Equal("one\ntwo", ResultText.Of(new CallToolResult { Content = [Text("one"), Text("two")] }));

    [Fact]
    public void Of_TextAndStructure_PrefersText() => Assert.Equal(
        "one", ResultText.Of(new CallToolResult { Content = [Text("one")], StructuredContent = JsonElement.Parse("""{"a":1}""") }));

    [Fact]
    public void Of_StructureOnly_IsJson() => Assert.Equal(
        """{"a":1}""", ResultText.Of(new CallToolResult { StructuredContent = JsonElement.Parse("""{"a":1}""") }));

    [Fact]
    public void Of_OtherContent_IsDescribed()
    {
        var result = new CallToolResult
        {
            Content =
            [
                ImageContentBlock.FromBytes(new byte[7], "image/png"),
                AudioContentBlock.FromBytes(new byte[9], "audio/wav"),
                new ResourceLinkBlock { Uri = "file:///a", Name = "a" },
                new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "file:///b", Text = "inside" } },
                new EmbeddedResourceBlock { Resource = BlobResourceContents.FromBytes(new byte[3], "file:///c", "application/pdf") },
            ],
        };

        Assert.Equal(
            "[image: image/png, 7 bytes]\n[audio: audio/wav, 9 bytes]\n[link: file:///a, a]\n[resource: file:///b]\ninside\n"
                + "[resource: file:///c, application/pdf, 3 bytes]",
            ResultText.Of(result));
    }

    [Fact]
    public void CleanDescription_InvisibleCharacters_AreTakenOut() => Assert.Equal(
        "Reads a file.\nThen stops.",
        HiddenText.CleanDescription("Re\u200Bads \u202Ea\u202C file.\u2066\nThen\uFEFF stops.\U000E0041\U000E0042\u00AD\uFE0F\u2028"));

    [Fact]
    public void CleanDescription_VisibleText_IsKept() =>
        Assert.Equal("Größe in 日本語 — 😀 עברית", HiddenText.CleanDescription("Größe in 日本語 — 😀 עברית"));

    [Fact]
    public void CleanDescription_TooLong_IsCutVisibly()
    {
        var clean = HiddenText.CleanDescription(new string('a', HiddenText.LongestDescription + 5));

        Assert.EndsWith("a [cut: 5 more characters]", clean);
    }

    [Fact]
    public void CleanSchema_HiddenTextInDescriptions_IsTakenOut()
    {
        var schema = JsonElement.Parse("""{"type":"object","properties":{"description":{"type":"string","description":"a\u202Eb"}}}""");

        var clean = HiddenText.CleanSchema(schema);

        Assert.True(JsonElement.DeepEquals(
            clean, JsonElement.Parse("""{"type":"object","properties":{"description":{"type":"string","description":"ab"}}}""")));
    }
}
