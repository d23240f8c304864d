using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Gguf;

public class GgufFuzzTests
{
    public static TheoryData<string, int> Shapes => new() { { "llama", 0 }, { "qwen2", 0 }, { "qwen3", 0 }, { "llama", 4 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Verify_MutatedModel_AcceptsOrNamesTheFault(string architecture, int experts)
    {
        var shape = new TestModelShape { Architecture = architecture, Experts = experts, ExpertsUsed = experts / 2 };
        CheckAll(TestModel.CreateBytes(shape), count: 150, seed: 11);
    }

    [Fact]
    public void Verify_MutatedShippedModel_AcceptsOrNamesTheFault() => CheckAll(File.ReadAllBytes(ShippedModel.Path), count: 40, seed: 12);

    private static void CheckAll(byte[] original, int count, int seed)
    {
        int accepted = 0, refused = 0;
        foreach (var (name, bytes) in GgufMutator.Mutate(original, count, seed))
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var file = GgufFile.Read(new MemoryStream(bytes), "mutated.gguf");
                ModelInfo.From(file);
                ModelCheck.Verify(file);
                accepted++;
            }
            catch (UserInputException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Field), name);
                Assert.Contains("mutated.gguf", e.Message);
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}: {e}");
            }
            // A few times the file: packed metadata, the token table and the checks' own tables.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (20L * bytes.Length) + (8 << 20));
        }
        Assert.True(accepted > 0 && refused > 0, $"{accepted} accepted, {refused} refused: the corpus must reach both sides.");
    }
}
