using System.Text.Json;
using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Agents;

public class ToolArgumentsTests
{
    private static readonly AIFunction Search = AIFunctionFactory.Create(
        (string query, int limit = 5) => $"{query} {limit}", "search", "Searches.");

    [Theory]
    [InlineData("""{}""", "Wrong arguments for 'search': missing required argument 'query', expected a string.")]
    [InlineData(
        """{"qeury":"x","query":"x","limit":"ten"}""",
        "Wrong arguments for 'search': unknown argument 'qeury', allowed: 'query', 'limit'; "
        + "argument 'limit' must be an integer, found the string \"ten\".")]
    [InlineData("""[1]""", "The arguments of 'search' are not a JSON object.")]
    public void Check_ArgumentsThatDoNotFit_SaysWhatIsExpected(string arguments, string message)
    {
        var error = Assert.Throws<ModelOutputException>(() => ToolArguments.Check(Search, Parse(arguments)));
        Assert.StartsWith(message, error.Message);
    }

    [Fact]
    public void Check_ManyFaults_NamesFiveAndCountsTheRest()
    {
        var error = Assert.Throws<ModelOutputException>(
            () => ToolArguments.Check(Search, Parse("""{"query":"x","a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}""")));
        Assert.EndsWith("; and 2 more.", error.Message);
    }

    [Theory]
    [InlineData("""{"query":"x","limit":3.0}""", "x 3")]
    [InlineData("""{"query":"x","limit":2e1}""", "x 20")]
    [InlineData("""{"query":"x"}""", "x 5")]
    public async Task ForInvocation_WholeNumberWithAFraction_SuitsTheTool(string arguments, string result)
    {
        ToolArguments.Check(Search, Parse(arguments));
        object? value = await Search.InvokeAsync(ToolArguments.ForInvocation(Search, Parse(arguments), "key"));
        Assert.Equal(result, ToolResults.ToText(value));
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
