using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.Chat;

public class SampleRoundTripTests
{
    [Theory]
    [InlineData(SampleTemplates.Json, true)]
    [InlineData(SampleTemplates.TagWithJson, true)]
    [InlineData(SampleTemplates.Tagged, true)]
    [InlineData(SampleTemplates.Bare, false)]
    public void Parse_RenderedCalls_GivesTheSameCalls(string template, bool parallel)
    {
        AIContent[] contents = parallel ? [Conversation.Weather(), Conversation.Sum(), Conversation.Ping()] : [Conversation.Weather()];
        var conversation = new Conversation(ChatFormat.For(ChatTemplate.Parse(template)));
        var (prompt, output) = conversation.Render(contents);
        foreach (var chunk in new[] { int.MaxValue, 1 })
        {
            var (parsed, parser) = conversation.Parse(prompt, output, chunk);
            Assert.Equal(Conversation.Describe(contents), Conversation.Describe(parsed));
            Assert.Empty(parser.Diagnostics);
        }
    }
}
