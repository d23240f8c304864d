using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Data;

/// <summary>What the vocabularies of two models have in common.</summary>
internal static class SharedVocabulary
{
    private const string Tokens = "tokenizer.ggml.tokens", Types = "tokenizer.ggml.token_type";
    private const int Unused = 5;

    /// <summary>
    /// How many tokens, from the first, a teacher shares with its student. Both have the same, but for unused ones at the end: larger models of a family are often padded to
    /// another size.
    /// </summary>
    /// <exception cref="UserInputException">They differ; the message says where.</exception>
    public static int Of(GgufFile student, GgufFile teacher)
    {
        GgufValue own = List(student), other = List(teacher);
        int common = Math.Min(own.Count, other.Count);
        for (int i = 0; i < common; i++)
        {
            if (!own.Utf8(i).SequenceEqual(other.Utf8(i)))
                throw Misfit(teacher, $"token {i} is {Text(other, i)} there and {Text(own, i)} in {student.Path}");
        }

        GgufFile longer = own.Count > other.Count ? student : teacher;
        return FirstUsed(longer, common) is { } used
            ? throw Misfit(teacher, $"it has {other.Count} tokens and {student.Path} {own.Count}; token {used}, {Text(List(longer), used)}, is only in {longer.Path}")
            : common;
    }

    private static GgufValue List(GgufFile file) => file.Metadata.TryGetValue(Tokens, out GgufValue? tokens) && tokens is { IsArray: true, ElementType: GgufValueType.String }
        ? tokens
        : throw new UserInputException("teacher", $"teacher: {file.Path} holds no list of tokens, so nobody can tell whether the vocabularies are the same.");

    /// <summary>The first token from a place on that is not marked as unused.</summary>
    private static int? FirstUsed(GgufFile file, int from)
    {
        int count = List(file).Count;
        if (from == count) return null;
        if (!file.Metadata.TryGetValue(Types, out GgufValue? types) || types.Count != count) return from;
        int used = Array.FindIndex(types.AsIntegers(), from, type => type != Unused);
        return used < 0 ? null : used;
    }

    private static string Text(GgufValue tokens, int i) => $"'{Encoding.UTF8.GetString(tokens.Utf8(i))}'";

    private static UserInputException Misfit(GgufFile teacher, string found) =>
        new("teacher", $"teacher: {teacher.Path} has another vocabulary: {found}. A teacher's logits mean something only to a student with the same tokens.");
}
