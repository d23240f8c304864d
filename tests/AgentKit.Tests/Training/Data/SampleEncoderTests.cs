using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;

namespace AgentKit.Tests.Training.Data;

/// <summary>What exactly is learned of a conversation: what the model would have written, to the token that ends its turn.</summary>
public sealed class SampleEncoderTests : IDisposable
{
    private const string ReasoningTemplate =
        """
        {%- for message in messages %}{{- '<|im_start|>' + message.role + '\n' }}
        {%- if message.role == 'assistant' and message.reasoning_content and loop.last %}{{- '<think>' + message.reasoning_content + '</think>' }}{%- endif %}
        {{- message.content + '<|im_end|>\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
        """;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public void Encode_Turns_LearnsAnswersWithTheirEnd() => Assert.Equal(
        ["<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n[[yo<|im_end|>]]\n<|im_start|>user\nmore<|im_end|>\n<|im_start|>assistant\n[[no<|im_end|>]]\n"],
        Marked("""{"role":"user","content":"hi"},{"role":"assistant","content":"yo"},{"role":"user","content":"more"},{"role":"assistant","content":"no"}"""));

    [NativeFact]
    public void Encode_ToolCall_LearnsTheCallNotTheResult() => Assert.Equal(
        ["<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n[[<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call><|im_end|>]]\n"
            + "<|im_start|>user\n<tool_response>\n2\n</tool_response><|im_end|>\n<|im_start|>assistant\n[[Two.<|im_end|>]]\n"],
        Marked(
            """
            {"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\": 1}"}}]},
            {"role":"tool","tool_call_id":"a","content":"2"},{"role":"assistant","content":"Two."}
            """));

    [NativeFact]
    public void Encode_WeightZero_IsNotLearned() => Assert.Equal(
        ["<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nyo<|im_end|>\n<|im_start|>user\nmore<|im_end|>\n<|im_start|>assistant\n[[no<|im_end|>]]\n"],
        Marked("""{"role":"user","content":"hi"},{"role":"assistant","content":"yo","weight":0},{"role":"user","content":"more"},{"role":"assistant","content":"no"}"""));

    [NativeFact]
    public void Encode_ControlTokensInARow_StayText()
    {
        TrainingSample sample = Assert.Single(Samples(
            """{"role":"user","content":"a<|im_end|>b"},{"role":"assistant","content":"c<|im_end|>d<tool_call>e"}"""));
        using ModelVocabulary vocabulary = Open(null);
        int end = vocabulary.Tokenizer.Encode("<|im_end|>", parseSpecial: true).Single();
        int call = vocabulary.Tokenizer.Encode("<tool_call>", parseSpecial: true).Single();
        Assert.Equal(2, sample.Tokens.Count(token => token == end));
        Assert.Equal(1, sample.Tokens.Count(token => token == call));
    }

    [NativeFact]
    public void Encode_TemplateThatDropsEarlierReasoning_LearnsEachAnswerInItsOwnText()
    {
        string[] texts = Marked(
            """
            {"role":"user","content":"q"},{"role":"assistant","reasoning_content":"hm","content":"a"},
            {"role":"user","content":"r"},{"role":"assistant","reasoning_content":"so","content":"b"}
            """, ReasoningTemplate);
        Assert.Equal(
            [
                "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\na<|im_end|>\n<|im_start|>user\nr<|im_end|>\n<|im_start|>assistant\n[[<think>so</think>b<|im_end|>]]\n",
                "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n[[<think>hm</think>a<|im_end|>]]\n",
            ],
            texts);
    }

    [NativeFact]
    public void Encode_Learned_FollowsTheTokensOfTheGenerationPrompt()
    {
        // The tokens before the answer must be those that serving puts there, or the model learns to go on after other ones.
        using ModelVocabulary vocabulary = Open(null);
        TrainingSample sample = Assert.Single(Samples("""{"role":"user","content":"hi"},{"role":"assistant","content":"\n\nyo"}"""));
        int first = Array.FindIndex(sample.Weights, weight => weight > 0);
        int[] prompt = vocabulary.Tokenizer.Encode("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true);
        Assert.Equal(prompt, sample.Tokens[..first]);
    }

    [NativeTheory]
    [InlineData(LongRows.Refuse, 1, 1, 0)]
    [InlineData(LongRows.Skip, 1, 0, 1)]
    [InlineData(LongRows.Cut, 2, 0, 1)]
    public void Read_LongRow_IsNeverCutSilently(LongRows policy, int samples, int faults, int reported)
    {
        string path = _folder.Write("data.jsonl", $$"""
            {"instruction":"q","output":"a"}
            {"instruction":"q","output":"{{string.Concat(Enumerable.Repeat("many words ", 30))}}"}
            """);
        using ModelVocabulary vocabulary = Open(null);
        TrainingSet set = TrainingSet.Read(path, RowKind.Chat, vocabulary.CreateEncoder(), 40, policy);
        Assert.Equal((samples, faults, reported), (set.Items.Count, set.Faults.Count, set.LongLines.Count));
        Assert.True(set.Lengths.Max > 40);
        Assert.All(set.Samples, sample => Assert.True(sample.Tokens.Length <= 40));
    }

    [NativeFact]
    public async Task Data_Command_ReportsBadRowsAndLengths()
    {
        string model = TestModel.Create(_folder["model.gguf"]);
        string data = _folder.Write("data.jsonl", "{\"instruction\":\"q\",\"output\":\"a\"}\n{\"instruction\":\"q\"}\n");
        CliRun run = await CliRun.OfAsync("train", "data", data, "-m", model, "--json", "--show", "1");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        JsonElement result = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal((1, 2), (result.GetProperty("rows").GetInt32(), result.GetProperty("bad")[0].GetProperty("line").GetInt32()));
        Assert.Equal(result.GetProperty("tokens").GetInt32(), result.GetProperty("lengths").GetProperty("max").GetInt32());
        Assert.Contains("[[a<|im_end|>]]", run.Error, StringComparison.Ordinal);
    }

    [NanoToolsTheory]
    [InlineData("train.jsonl")]
    [InlineData("house-train.jsonl")]
    public void Read_PublishedToolConversations_AreRendered(string file)
    {
        // Rows without a message of the assistant only ask; the expected answer stands in a field of its own.
        string[] lines = [.. File.ReadLines(Path.Combine(NanoTools.Folder!, file)).Where(line => line.Contains("\"role\": \"assistant\"", StringComparison.Ordinal)).Take(100)];
        using ModelVocabulary vocabulary = Open(null);
        TrainingSet set = TrainingSet.Read(_folder.Write("data.jsonl", string.Join('\n', lines)), RowKind.Chat, vocabulary.CreateEncoder(), 1 << 20);
        Assert.Empty(set.Faults);
        Assert.Equal(lines.Length, set.Items.Count);
    }

    private ModelVocabulary Open(string? template)
    {
        GgufWriter writer = TestModel.Writer(new TestModelShape());
        if (template is not null) writer.Set("tokenizer.chat_template", template);
        writer.Write(_folder["model.gguf"]);
        return ModelVocabulary.Open(_folder["model.gguf"]);
    }

    private IReadOnlyList<TrainingSample> Samples(string messages, string? template = null)
    {
        using ModelVocabulary vocabulary = Open(template);
        string path = _folder.Write("data.jsonl", $"{{\"messages\":[{messages.ReplaceLineEndings(" ")}]}}");
        TrainingSet set = TrainingSet.Read(path, RowKind.Chat, vocabulary.CreateEncoder(), 10_000);
        Assert.Empty(set.Faults);
        return [.. set.Samples];
    }

    /// <summary>The text of each sample, what is learned of it between brackets.</summary>
    private string[] Marked(string messages, string? template = null)
    {
        IReadOnlyList<TrainingSample> samples = Samples(messages, template);
        using ModelVocabulary vocabulary = Open(template);
        return [.. samples.Select(sample => string.Concat(sample.Tokens.Select((token, t) =>
        {
            bool learned = sample.Weights[t] > 0;
            string open = learned && sample.Weights[t - 1] == 0 ? "[[" : "";
            string close = learned && (t + 1 == sample.Tokens.Length || sample.Weights[t + 1] == 0) ? "]]" : "";
            return open + vocabulary.Tokenizer.Decode([token]) + close;
        })))];
    }
}
