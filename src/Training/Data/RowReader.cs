using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Data;

/// <summary>Reads one row. Which of the known shapes it has is told by its fields.</summary>
internal static class RowReader
{
    private const string ChatFields = "messages (chat), conversations (ShareGPT) or instruction and output (Alpaca)";

    /// <exception cref="RowException">The row cannot be used.</exception>
    public static TrainingRow Read(int line, JsonElement row, RowKind kind)
    {
        RowJson.Object(row, "the row");
        return kind switch
        {
            RowKind.Chat => new ChatRow(line, Checked(Whole(row))),
            RowKind.Preference => Preference(line, row),
            RowKind.Verdict => Verdict(line, row),
            _ => Prompt(line, row),
        };
    }

    private static Conversation Whole(JsonElement row)
    {
        var reader = new MessageReader();
        if (row.Find("messages") is { } messages)
        {
            reader.AddMessages(messages, "messages");
        }
        else if (row.Find("conversations") is { } turns)
        {
            AddSystem(reader, row);
            reader.AddTurns(turns, "conversations");
        }
        else if (row.Find("instruction") is not null)
        {
            AddInstruction(reader, row);
            reader.AddText(ChatRole.Assistant, RowJson.RequiredText(row, "output", "row"), "output");
        }
        else
        {
            throw new RowException($"the row has neither {ChatFields}");
        }

        return Of(reader, row);
    }

    private static PreferenceRow Preference(int line, JsonElement row)
    {
        if (row.Find("chosen_messages") is { } liked)
            return Pair(line, row, liked, row.Find("rejected_messages"), "chosen_messages", "rejected_messages");
        return Pair(line, row, row.Find("chosen"), row.Find("rejected"), "chosen", "rejected");
    }

    private static PreferenceRow Pair(int line, JsonElement row, JsonElement? chosen, JsonElement? rejected, string chosenName, string rejectedName)
    {
        Conversation Ending(JsonElement? ending, string name)
        {
            if (ending is not { } value) throw new RowException($"{name} is missing; a text, a message or a list of messages is expected");
            return WithEnding(row, value, name);
        }

        (Conversation left, Conversation right) = (Ending(chosen, chosenName), Ending(rejected, rejectedName));
        if (Same(left, right)) throw new RowException($"{chosenName} and {rejectedName} are the same");
        return new(line, left, right);
    }

    private static VerdictRow Verdict(int line, JsonElement row)
    {
        JsonElement label = row.Find("label") ?? row.Find("kto_tag") ?? throw new RowException("label is missing; true or false is expected");
        if (label.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) throw RowJson.Fault("label", label, "true or false is expected");
        Conversation conversation = row.Find("completion") is { } completion ? WithEnding(row, completion, "completion") : OnlyEnding(Whole(row));
        return new(line, conversation, label.GetBoolean());
    }

    private static PromptRow Prompt(int line, JsonElement row)
    {
        var reader = new MessageReader();
        if (!AddPrompt(reader, row)) throw new RowException("prompt is missing; a text or a list of messages is expected");
        if (reader.Messages[^1].Role == ChatRole.Assistant) throw new RowException("prompt ends with a message of the assistant; the model is to write that");
        JsonElement reward = row.Find("reward") ?? throw new RowException("reward is missing; an object is expected, such as {\"number\": 42}");
        return new(line, Of(reader, row), RowJson.Object(reward, "reward"));
    }

    /// <summary>The row's prompt, if it has one, and an ending: a text, one message or turn, or a list of messages.</summary>
    private static Conversation WithEnding(JsonElement row, JsonElement ending, string name)
    {
        var reader = new MessageReader();
        bool prompted = AddPrompt(reader, row);
        int begin = reader.Messages.Count;
        if (ending.ValueKind == JsonValueKind.String) reader.AddText(ChatRole.Assistant, RowJson.Text(ending, name), name);
        else if (ending.ValueKind == JsonValueKind.Object && ending.Find("from") is not null) reader.AddTurn(ending, name);
        else if (ending.ValueKind == JsonValueKind.Array) reader.AddMessages(ending, name);
        else throw RowJson.Fault(name, ending, "a text, a turn or a list of messages is expected");
        if (!prompted && ending.ValueKind != JsonValueKind.Array) throw new RowException("prompt is missing; a text or a list of messages is expected");
        for (int i = 0; i < begin; i++) reader.Weights[i] = 0;
        return prompted ? Checked(Of(reader, row)) : OnlyEnding(Of(reader, row));
    }

    private static bool AddPrompt(MessageReader reader, JsonElement row)
    {
        if (row.Find("prompt") is { } prompt)
        {
            if (prompt.ValueKind == JsonValueKind.String) reader.AddText(ChatRole.User, RowJson.Text(prompt, "prompt"), "prompt");
            else reader.AddMessages(prompt, "prompt");
        }
        else if (row.Find("conversations") is { } turns)
        {
            AddSystem(reader, row);
            reader.AddTurns(turns, "conversations");
        }
        else if (row.Find("instruction") is not null)
        {
            AddInstruction(reader, row);
        }

        return reader.Messages.Count > 0;
    }

    private static void AddSystem(MessageReader reader, JsonElement row)
    {
        if (row.Find("system") is { } system && RowJson.Text(system, "system") is { Length: > 0 } text) reader.AddText(ChatRole.System, text, "system");
    }

    private static void AddInstruction(MessageReader reader, JsonElement row)
    {
        AddSystem(reader, row);
        if (row.Find("history") is { } history)
        {
            int i = 0;
            foreach (JsonElement exchange in RowJson.Items(history, "history"))
            {
                string path = $"history[{i++}]";
                JsonElement[] sides = [.. RowJson.Items(exchange, path)];
                if (sides.Length != 2) throw RowJson.Fault(path, exchange, "a question and an answer are expected");
                reader.AddText(ChatRole.User, RowJson.Text(sides[0], $"{path}[0]"), path);
                reader.AddText(ChatRole.Assistant, RowJson.Text(sides[1], $"{path}[1]"), path);
            }
        }

        string instruction = RowJson.RequiredText(row, "instruction", "row");
        string input = row.Find("input") is { } given ? RowJson.Text(given, "input") : "";
        reader.AddText(ChatRole.User, input.Length == 0 ? instruction : $"{instruction}\n{input}", "instruction");
    }

    private static Conversation Of(MessageReader reader, JsonElement row) => new(reader.Messages, reader.Weights, MessageReader.Tools(row));

    private static Conversation Checked(Conversation conversation) => conversation.Messages.Count == 0
        ? throw new RowException("the conversation is empty")
        : conversation.Weights.All(weight => weight == 0)
            ? throw new RowException("no message of the assistant counts; there is nothing to learn from")
            : conversation;

    /// <summary>Only what the assistant says at the end counts.</summary>
    private static Conversation OnlyEnding(Conversation conversation)
    {
        int last = conversation.Messages.Count - 1;
        if (last < 0 || conversation.Messages[last].Role != ChatRole.Assistant) throw new RowException("the conversation does not end with a message of the assistant");
        return Checked(conversation with { Weights = [.. conversation.Weights.Select((weight, i) => i == last ? weight : 0)] });
    }

    private static bool Same(Conversation left, Conversation right) =>
        left.Messages.Count == right.Messages.Count && left.Messages.Zip(right.Messages).All(pair => Written(pair.First) == Written(pair.Second));

    private static string Written(ChatMessage message) => JsonSerializer.Serialize(message, AIJsonUtilities.DefaultOptions);
}
