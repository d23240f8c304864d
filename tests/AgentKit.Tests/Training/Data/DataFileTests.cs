using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Training.Data;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Training.Data;

public sealed class DataFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Chat_MessagesWithCalls_AreRead()
    {
        ChatRow row = Single<ChatRow>(RowKind.Chat, """
            {"id": 7, "messages": [{"role":"system","content":"Be short."},{"role":"user","content":[{"type":"text","text":"Go"}]},
             {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}}]},
             {"role":"tool","tool_call_id":"a","content":"2"},{"role":"assistant","content":"Two.","weight":0.5}],
             "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}]}
            """);
        Assert.Equal(["system", "user", "assistant", "tool", "assistant"], row.Conversation.Messages.Select(message => message.Role.Value));
        Assert.Equal([0, 0, 1, 0, 0.5], row.Conversation.Weights);
        Assert.Equal("f", Assert.IsAssignableFrom<AIFunctionDeclaration>(Assert.Single(row.Conversation.Tools)).Name);
        var call = Assert.Single(row.Conversation.Messages[2].Contents.OfType<FunctionCallContent>());
        Assert.Equal(("f", 1), (call.Name, ((JsonElement)call.Arguments!["x"]!).GetInt32()));
        Assert.Equal("hm", Assert.Single(row.Conversation.Messages[2].Contents.OfType<TextReasoningContent>()).Text);
        Assert.Equal("a", Assert.Single(row.Conversation.Messages[3].Contents.OfType<FunctionResultContent>()).CallId);
    }

    [Theory]
    [InlineData("""{"instruction":"Add.","input":"1 2","output":"3","history":[["a","b"]]}""", "a|b|Add.\n1 2|3", "0|1|0|1")]
    [InlineData("""{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"r"}],"system":"s"}""", "s|q|r", "0|0|1")]
    public void Chat_OtherShapes_AreTheSameConversation(string json, string texts, string weights)
    {
        ChatRow row = Single<ChatRow>(RowKind.Chat, json);
        Assert.Equal(texts, string.Join('|', row.Conversation.Messages.Select(message => message.Text)));
        Assert.Equal(weights, string.Join('|', row.Conversation.Weights));
    }

    [Fact]
    public void Chat_ShareGptCalls_AnswerInOrder()
    {
        ChatRow row = Single<ChatRow>(RowKind.Chat, """
            {"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":"[{\"name\":\"f\",\"arguments\":{}},{\"name\":\"g\",\"arguments\":{}}]"},
             {"from":"observation","value":"1"},{"from":"observation","value":"2"},{"from":"gpt","value":"r"}],"tools":"[{\"name\":\"f\"}]"}
            """);
        string[] calls = [.. row.Conversation.Messages[1].Contents.OfType<FunctionCallContent>().Select(call => call.CallId)];
        string[] results = [.. row.Conversation.Messages.Skip(2).SelectMany(message => message.Contents.OfType<FunctionResultContent>()).Select(result => result.CallId)];
        Assert.Equal(calls, results);
    }

    [Theory]
    [InlineData("""{"prompt":"q","chosen":"a","rejected":"b"}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"q"}],"chosen":[{"role":"assistant","content":"a"}],"rejected":[{"role":"assistant","content":"b"}]}""")]
    [InlineData("""{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"q"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}}""")]
    [InlineData("""{"instruction":"q","chosen":"a","rejected":"b"}""")]
    public void Preference_EveryShape_GivesTheSamePair(string json)
    {
        PreferenceRow row = Single<PreferenceRow>(RowKind.Preference, json);
        Assert.Equal((["q", "a"], ["q", "b"]), (Texts(row.Chosen), Texts(row.Rejected)), (x, y) => x.Item1.SequenceEqual(y.Item1) && x.Item2.SequenceEqual(y.Item2));
        Assert.Equal([0, 1], row.Chosen.Weights);
    }

    [Fact]
    public void Preference_EarlierAnswers_DoNotCount()
    {
        PreferenceRow row = Single<PreferenceRow>(RowKind.Preference, """
            {"prompt":[{"role":"user","content":"q"},{"role":"assistant","content":"r"},{"role":"user","content":"s"}],"chosen":"a","rejected":"b"}
            """);
        Assert.Equal([0, 0, 0, 1], row.Chosen.Weights);
    }

    [Fact]
    public void Verdict_AndPrompt_AreRead()
    {
        Assert.True(Single<VerdictRow>(RowKind.Verdict, """{"prompt":"q","completion":"a","label":true}""").Desirable);
        VerdictRow bad = Single<VerdictRow>(RowKind.Verdict, """{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"label":false}""");
        Assert.False(bad.Desirable);
        PromptRow prompt = Single<PromptRow>(RowKind.Prompt, """{"prompt":"1+1?","reward":{"number":2}}""");
        Assert.Equal(2, prompt.Reward.GetProperty("number").GetInt32());
    }

    [Theory]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"bot","content":"x"}]}""", "messages[0].role is \"bot\"; one of system, developer, user, assistant, tool")]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":""}]}""", "messages[1] is an empty message of the assistant")]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"user","content":"x"}]}""", "nothing to learn from")]
    [InlineData(RowKind.Chat, """{"messages":[]}""", "the conversation is empty")]
    [InlineData(RowKind.Chat, """{"messages":"x"}""", "messages is \"x\"; an array")]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"tool","content":"x"}]}""", "no call is waiting")]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"tool","tool_call_id":"z","content":"x"}]}""", "\"z\", which no call before it has")]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"[1]"}}]}]}""", "arguments is an array of 1; an object")]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "type is \"image_url\"; text")]
    [InlineData(RowKind.Chat, """{"messages":[{"role":"user","content":5}]}""", "messages[0].content is 5; a text or an array of parts is expected")]
    [InlineData(RowKind.Chat, """{"text":"x"}""", "neither messages (chat), conversations (ShareGPT)")]
    [InlineData(RowKind.Chat, """[1]""", "the row is 1; an object")]
    [InlineData(RowKind.Preference, """{"prompt":"q","chosen":"a"}""", "rejected is missing")]
    [InlineData(RowKind.Preference, """{"prompt":"q","chosen":"a","rejected":"a"}""", "chosen and rejected are the same")]
    [InlineData(RowKind.Preference, """{"chosen":"a","rejected":"b"}""", "prompt is missing")]
    [InlineData(RowKind.Verdict, """{"prompt":"q","completion":"a","label":"yes"}""", "label is \"yes\"; true or false")]
    [InlineData(RowKind.Prompt, """{"prompt":"q"}""", "reward is missing")]
    [InlineData(RowKind.Prompt, """{"prompt":[{"role":"assistant","content":"x"}],"reward":{}}""", "ends with a message of the assistant")]
    public void Read_BadRow_SaysWhatIsWrong(RowKind kind, string json, string expected)
    {
        DataFile file = DataFile.Read(_folder.Write("data.jsonl", json), kind);
        Assert.Empty(file.Rows);
        Assert.Contains(expected, Assert.Single(file.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BadLines_AreNumberedAndTheOthersKept()
    {
        const string good = """{"instruction":"q","output":"a"}""";
        DataFile file = DataFile.Read(_folder.Write("data.jsonl", $"\n{good}\r\n{{}}\n{good}\n{good[..20]}"), RowKind.Chat);
        Assert.Equal([2, 4], file.Rows.Select(row => row.Line));
        Assert.Equal([3, 5], file.Faults.Select(fault => fault.Line));
        Assert.Contains("is not JSON", file.Faults[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ArrayCutOff_KeepsTheRowsBeforeAndNamesTheLine()
    {
        const string row = """{"instruction":"q","output":"a"}""";
        DataFile file = DataFile.Read(_folder.Write("data.json", $"[\n{row},\n\n{row},\n{{\"instruction\": "), RowKind.Chat);
        Assert.Equal([2, 4], file.Rows.Select(kept => kept.Line));
        Assert.Equal(5, Assert.Single(file.Faults).Line);
    }

    [Fact]
    public void Read_MissingOrEmptyFile_IsRefused()
    {
        Assert.Contains("cannot be read", Assert.Throws<UserInputException>(() => DataFile.Read(_folder["none.jsonl"], RowKind.Chat)).Message, StringComparison.Ordinal);
        Assert.Contains("no rows", Assert.Throws<UserInputException>(() => DataFile.Read(_folder.Write("empty.jsonl", "\n"), RowKind.Chat)).Message, StringComparison.Ordinal);
    }

    [EvalDataFact("llama-factory-demo/dpo_en_demo.json")]
    public void Read_PublishedSamples_AreAllUsable()
    {
        (string File, RowKind Kind, int Rows)[] samples =
        [
            ("llama-factory-demo/dpo_en_demo.json", RowKind.Preference, 300),
            ("llama-factory-demo/kto_en_demo.json", RowKind.Verdict, 300),
            ("llama-factory-demo/glaive_toolcall_en_demo.json", RowKind.Chat, 300),
            ("llama-factory-demo/reason_tool_use_demo_50.jsonl", RowKind.Chat, 50),
            ("llama-factory-demo/v1_dpo_demo.jsonl", RowKind.Preference, 10),
            ("llama-factory-demo/v1_sft_demo.jsonl", RowKind.Chat, 500),
            ("chat-format-samples/fastchat_dummy_conversation.sharegpt.json", RowKind.Chat, 500),
        ];
        Assert.All(samples, sample =>
        {
            DataFile file = DataFile.Read(EvalData.PathOf(sample.File)!, sample.Kind);
            Assert.Equal((sample.Rows, ""), (file.Rows.Count + file.Faults.Count, string.Join("; ", file.Faults.Take(3).Select(fault => $"{fault.Line}: {fault.Message}"))));
        });
    }

    private T Single<T>(RowKind kind, string json)
        where T : TrainingRow
    {
        DataFile file = DataFile.Read(_folder.Write("data.jsonl", json.ReplaceLineEndings(" ")), kind);
        Assert.Empty(file.Faults);
        return Assert.IsType<T>(Assert.Single(file.Rows));
    }

    private static string[] Texts(Conversation conversation) => [.. conversation.Messages.Select(message => message.Text)];
}
