using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Cli.Mcp.Clients;

namespace AgentKit.Tests.Cli.Mcp;

public sealed class JsonPatchTests
{
    private const string Value = "{\n  \"command\": \"x\"\n}";

    [Theory]
    [InlineData("{}", "{\n  \"servers\": {\n    \"new\": {\n      \"command\": \"x\"\n    }\n  }\n}")]
    [InlineData("{\n  \"a\": 1\n}\n", "{\n  \"servers\": {\n    \"new\": {\n      \"command\": \"x\"\n    }\n  },\n  \"a\": 1\n}\n")]
    [InlineData("{\n  \"servers\": {}\n}", "{\n  \"servers\": {\n    \"new\": {\n      \"command\": \"x\"\n    }\n  }\n}")]
    [InlineData(
        "{\n  \"servers\": {\n    \"other\": {}\n  }\n}",
        "{\n  \"servers\": {\n    \"new\": {\n      \"command\": \"x\"\n    },\n    \"other\": {}\n  }\n}")]
    [InlineData(
        "{\n  \"servers\": {\n    \"new\": {\"command\": \"old\", \"args\": [1, {}]}\n  }\n}",
        "{\n  \"servers\": {\n    \"new\": {\n      \"command\": \"x\"\n    }\n  }\n}")]
    public void Set_StrictJson_ChangesTheOnePropertyAndKeepsTheLayout(string text, string expected) =>
        Assert.Equal(expected, JsonPatch.Set(text, "servers", "new", Value, allowComments: false));

    [Fact]
    public void Set_CommentsAndTrailingCommas_KeepsThem()
    {
        const string text = "// mine\n{\n  /* all */ \"servers\": { // here\n    \"other\": {}, // last\n  },\n  \"inputs\": [],\n}\n";
        string changed = JsonPatch.Set(text, "servers", "new", Value, allowComments: true);
        foreach (string comment in (string[])["// mine", "/* all */", "// here", "// last"]) Assert.Contains(comment, changed, StringComparison.Ordinal);
        JsonNode root = JsonNode.Parse(changed, documentOptions: new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })!;
        Assert.Equal("x", (string?)root["servers"]!["new"]!["command"]);
        Assert.NotNull(root["servers"]!["other"]);
        Assert.NotNull(root["inputs"]);
    }

    [Fact]
    public void Set_Twice_ChangesNothingMore()
    {
        string once = JsonPatch.Set("{\n\t\"servers\": {\"ä\": {}}\n}", "servers", "new", Value, false);
        Assert.Equal(once, JsonPatch.Set(once, "servers", "new", Value, false));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"servers\": []}")]
    [InlineData("{\"servers\": {}")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{} // no")]
    [InlineData("{\"servers\": {\"new\": {}}} x")]
    public void Set_NotWhatTheClientReads_IsRefused(string text) =>
        Assert.ThrowsAny<JsonException>(() => JsonPatch.Set(text, "servers", "new", Value, allowComments: false));

    [Fact]
    public void Set_RandomObjects_KeepsEveryOtherProperty()
    {
        Random random = new(1);
        for (int round = 0; round < 300; round++)
        {
            JsonObject root = Random(random, 3);
            if (random.Next(2) == 0) root["servers"] = Random(random, 2);
            string text = root.ToJsonString(new() { WriteIndented = random.Next(2) == 0 });
            JsonObject changed = JsonNode.Parse(JsonPatch.Set(text, "servers", "new", Value, false))!.AsObject();
            root["servers"] ??= new JsonObject();
            root["servers"]!["new"] = JsonNode.Parse(Value);
            Assert.True(JsonNode.DeepEquals(root, changed), text);
        }
    }

    private static JsonObject Random(Random random, int depth) => new(Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create($"{"a\"é{"[random.Next(4)]}{i}", (JsonNode?)(
        depth == 0 ? random.Next(4) : random.Next(3) switch
        {
            0 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => (JsonNode?)Random(random, depth - 1))]),
            1 => Random(random, depth - 1),
            _ => JsonValue.Create("} \" // \n text"),
        }))));
}
