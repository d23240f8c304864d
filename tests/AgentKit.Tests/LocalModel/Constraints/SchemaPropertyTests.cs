using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.LocalModel.Constraints;

/// <summary>Random walks over random vocabularies through the grammars of random schemas: every walk must end in a value that two validators accept.</summary>
public class SchemaPropertyTests
{
    /// <summary>After so many bytes a walk turns home: only tokens that come nearer to the end are taken.</summary>
    private const int WanderBytes = 160;

    private static readonly TokenVocabulary Vocabulary = TestVocabulary.Random(32_000, 7);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomWalk_GeneratedSchemas_EndsInAValidValue(int part)
    {
        var walked = 0;
        for (var seed = part * 250; seed < (part + 1) * 250; seed++)
            walked += Walk(seed) ? 1 : 0;
        // Some random schemas have no value at all; they must stay the exception.
        Assert.InRange(walked, 225, 250);
    }

    [Fact]
    public void Validate_RandomValues_AgreesWithTheSecondValidator()
    {
        var valid = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var schema = new SchemaGenerator(seed).Document();
            using var document = JsonDocument.Parse(schema.ToJsonString());
            var validator = new JsonSchemaValidator(document.RootElement);
            var second = new PlainSchemaValidator(schema);
            foreach (var text in Values(seed))
            {
                using var value = JsonDocument.Parse(text);
                var expected = second.IsValid(JsonNode.Parse(text));
                // The second validator leaves the formats without a parser in .NET to the first one.
                if (expected && SomeFormat().IsMatch(schema.ToJsonString()))
                    continue;
                Assert.True(expected == validator.IsValid(value.RootElement), $"seed {seed}: {schema.ToJsonString()} on {text}: expected {expected}");
                valid += expected ? 1 : 0;
            }
        }

        Assert.True(valid > 100);
    }

    private static System.Text.RegularExpressions.Regex SomeFormat() => new("\"(time|date-time|email|ipv6|uri)\"");

    private static IEnumerable<string> Values(int seed)
    {
        string[] fixedValues =
        [
            "null", "true", "5", "-3.25", "1.0", "100", "\"\"", "\"a\"", "\"abc\"", "\"2024-01-31\"", "[]", "[1, 2, 3]", "[1, \"x\"]", "[\"r\", \"g\", \"r\"]", "[15, 15]",
            "{}", "{\"a\": 1}", "{\"a\": \"abc\", \"b\": [1]}", "{\"kind\": \"p\"}", "{\"kind\": \"q\", \"value\": 3}", "{\"name\": null, \"id\": 7, \"extra\": 1}", "{\"z_q\": 1}",
            "{\"value\": 1, \"children\": []}",
        ];
        // Values of another schema's grammar come closer to the interesting borders than fixed ones.
        var other = Generate(new SchemaGenerator(seed + 10_000).Document(), seed);
        return other is null ? fixedValues : fixedValues.Append(other);
    }

    private static bool Walk(int seed)
    {
        var schema = new SchemaGenerator(seed).Document();
        if (Generate(schema, seed) is not { } text)
            return false;
        using var document = JsonDocument.Parse(schema.ToJsonString());
        using var value = JsonDocument.Parse(text);
        var errors = new JsonSchemaValidator(document.RootElement).Validate(value.RootElement);
        Assert.True(errors.Count == 0, $"seed {seed}: {schema.ToJsonString()} gave {text}: {errors.FirstOrDefault()}");
        Assert.True(new PlainSchemaValidator(schema).IsValid(JsonNode.Parse(text)), $"seed {seed}: {schema.ToJsonString()} gave {text}");
        return true;
    }

    private static string? Generate(JsonObject schema, int seed)
    {
        using var document = JsonDocument.Parse(schema.ToJsonString());
        var options = new JsonSchemaOptions
        {
            Whitespace = seed % 2 == 0 ? JsonWhitespace.Compact : JsonWhitespace.Flexible,
            AnyPropertyOrder = seed % 3 == 0,
            OpenObjects = seed % 5 == 0,
        };
        try
        {
            var grammar = JsonSchemaGrammar.Create(document.RootElement, options).Compile();
            return WalkGrammar(grammar, new Random(seed));
        }
        catch (UserInputException error) when (error.Message.Contains("no text at all", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static string WalkGrammar(Grammar grammar, Random random)
    {
        var constraint = new GrammarConstraint(Vocabulary, grammar);
        var text = new List<byte>();
        var logits = new float[Vocabulary.Size];
        while (!constraint.IsFinished)
        {
            if (constraint.IsComplete && (text.Count > WanderBytes || random.Next(4) == 0))
                break;
            var token = text.Count < WanderBytes ? Wander(constraint, random, logits) : Homeward(constraint, logits);
            constraint.Accept(token);
            text.AddRange(Vocabulary.Piece(token));
        }

        return Encoding.UTF8.GetString([.. text]);
    }

    private static int Wander(GrammarConstraint constraint, Random random, float[] logits)
    {
        for (var attempt = 0; attempt < 30; attempt++)
        {
            var token = random.Next(3) == 0 ? random.Next(256) : random.Next(257, Vocabulary.Size);
            if (constraint.Allows(token))
                return token;
        }

        Array.Fill(logits, 0);
        constraint.ApplyMask(logits);
        var allowed = Enumerable.Range(0, logits.Length).Where(t => logits[t] == 0f && t != TestVocabulary.End).ToArray();
        return allowed[random.Next(allowed.Length)];
    }

    private static int Homeward(GrammarConstraint constraint, float[] logits)
    {
        if (Nearer(constraint) is { } token)
            return token;
        // Only a repetition is left; the mask lets it through.
        Array.Fill(logits, 0);
        constraint.ApplyMask(logits);
        return Nearer(constraint) ?? throw new InvalidOperationException("No byte leads towards the end.");
    }

    private static int? Nearer(GrammarConstraint constraint)
    {
        var left = constraint.BytesToFinish;
        for (var token = 0; token < 256; token++)
        {
            if (!constraint.Allows(token))
                continue;
            var next = constraint.Fork();
            next.Accept(token);
            if (next.BytesToFinish < left)
                return token;
        }

        return null;
    }
}
